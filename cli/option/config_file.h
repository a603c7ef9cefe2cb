// --config FILE.toml as command line options: key = value becomes --key=value.
#pragma once

#include "cli/option/named_command.h"

namespace submask::cli {

// The options of every `--config FILE.toml` in its place, before those of the command line, less
// those that the command line gives itself. Of two files the later one wins. Throws corrupt_file
// for what is no table of options, or a list for an option that takes one value; invalid_argument
// for an option that the command has not; io.
Arguments expand_config(const CLI::App& program, Arguments arguments);

}  // namespace submask::cli
