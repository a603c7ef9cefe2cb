// --config FILE.toml: options by their long names, which the command line may override.
#pragma once

#include "cli/option/named_command.h"

namespace submask::cli {

// Sets the options of the command that the arguments name from every `--config FILE.toml`, and
// returns the other arguments. Options that are on the command line too are left out, and of two
// files the later one wins.
//
// Throws corrupt_file for what is no table of options, or a list for an option that takes one
// value; invalid_argument, which names the file too, for an option that the command has not, or a
// value that it may not have; io.
Arguments apply_config(CLI::App& program, Arguments arguments);

}  // namespace submask::cli
