// TOML files as command line options: key = value becomes --key=value.
#pragma once

#include <string>
#include <vector>

namespace submask::cli {

// Puts the options of `--config FILE.toml` before those of the command line, so that the latter win.
std::vector<std::string> expand_config(std::vector<std::string> arguments);

// The options of each [[task]] table of a file, the keys outside any table first in each.
std::vector<std::vector<std::string>> load_task_list(const std::string& path);

}  // namespace submask::cli
