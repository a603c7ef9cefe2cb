// TOML files as command line options: key = value becomes --key=value.
#pragma once

#include <string>
#include <vector>

namespace submask::cli {

using Arguments = std::vector<std::string>;

// "--rate" of "--rate", "--rate=5"; nothing of other arguments.
std::string option_name(const std::string& argument);

// Puts the options of `--config FILE.toml` before those of the command line, less those the command
// line gives itself.
Arguments expand_config(Arguments arguments);

// `base`, less the options that `winning` has too, and then `winning`: a list given twice is
// replaced, not lengthened.
Arguments override_options(const Arguments& base, const Arguments& winning);

// The options of each [[task]] table of a file. The keys outside any table hold for all tasks; a
// task's own win.
std::vector<Arguments> load_task_list(const std::string& path);

}  // namespace submask::cli
