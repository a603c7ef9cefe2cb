// Checks of numbers on the command line. The message of CLI11's own checks has a range whose end
// has three hundred digits.
#pragma once

#include <CLI/CLI.hpp>

namespace submask::cli {

CLI::Validator positive_number();
CLI::Validator non_negative_number();

}  // namespace submask::cli
