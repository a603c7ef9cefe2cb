// --config FILE.toml: options by their long names, which the command line may override.
#pragma once

#include "cli/option/named_command.h"
#include "run/option_places.h"

namespace submask::cli {

// Takes every `--config FILE.toml` out of the arguments and returns the files.
std::vector<std::string> take_config_files(Arguments& arguments);

// Sets the options of the command from the files. Options that are among the arguments too are left
// out, and of two files the later one wins. Returns where the files set what was set.
//
// Throws corrupt_file for a file that is not a table of options, and for a list where an option
// takes one value; invalid_argument for an option that the command does not have, and for a value
// that is not allowed; io. All messages name the file, and the line where there is one.
OptionPlaces apply_config(const std::vector<std::string>& files, const NamedCommand& command,
                          const Arguments& arguments);

}  // namespace submask::cli
