// Checks of values on the command line, in place of CLI11's own: those tell a range whose end has
// three hundred digits, and no nearest name.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

CLI::Validator positive_number();
CLI::Validator non_negative_number();

// The value has to be one of the names. The help, pages and completion show them.
void limit_to(CLI::Option* option, const std::vector<std::string>& names);

}  // namespace submask::cli
