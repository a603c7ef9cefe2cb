// --config FILE.toml as command line options: key = value becomes --key=value.
#pragma once

#include <string>
#include <vector>

namespace submask::cli {

using Arguments = std::vector<std::string>;

// Puts the options of `--config FILE.toml` before those of the command line, less those the command
// line gives itself.
Arguments expand_config(Arguments arguments);

}  // namespace submask::cli
