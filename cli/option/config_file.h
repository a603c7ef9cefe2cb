// --config FILE.toml: options by their long names, which the command line may override.
#pragma once

#include "cli/option/named_command.h"

namespace submask::cli {

// Takes every `--config FILE.toml` out of the arguments and returns the files.
std::vector<std::string> take_config_files(Arguments& arguments);

// Sets the options of the command from the files. Options that are among the arguments too are left
// out, and of two files the later one wins.
//
// Throws corrupt_file for what is no table of options, or a list for an option that takes one
// value; invalid_argument, which names the file too, for an option that the command has not, or a
// value that it may not have; io.
void apply_config(const std::vector<std::string>& files, const NamedCommand& command,
                  const Arguments& arguments);

}  // namespace submask::cli
