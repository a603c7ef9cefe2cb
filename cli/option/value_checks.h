// Checks of values on the command line. CLI11 has such checks too, but their messages print the end
// of a range with three hundred digits, and do not name the nearest allowed value.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

CLI::Validator positive_number();
CLI::Validator non_negative_number();

// Makes the option accept only these names. The help, pages and completion show them.
void limit_to(CLI::Option* option, const std::vector<std::string>& names);

}  // namespace submask::cli
