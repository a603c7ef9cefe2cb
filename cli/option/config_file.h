// Replaces --config FILE.toml by the options in the file: key = value becomes --key=value.
#pragma once

#include "cli/option/named_command.h"

namespace submask::cli {

// Puts the options of every `--config FILE.toml` after the command's name. Options that are on the
// command line too are left out, and of two files the later one wins. Throws corrupt_file for what
// is no table of options, or a list for an option that takes one value; invalid_argument for an
// option that the command has not; io.
Arguments expand_config(const CLI::App& program, Arguments arguments);

}  // namespace submask::cli
