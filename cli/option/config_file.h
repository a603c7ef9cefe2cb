// Replaces --config FILE.toml by the options in the file: key = value becomes --key=value.
#pragma once

#include <string>
#include <vector>

namespace submask::cli {

using Arguments = std::vector<std::string>;

// Puts the options of the file after the command's name. Options that are on the command line too
// are left out. Throws as parse_toml().
Arguments expand_config(Arguments arguments);

}  // namespace submask::cli
