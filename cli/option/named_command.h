// The command that a command line begins with, and its options by their names.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

using Arguments = std::vector<std::string>;

struct NamedCommand {
  CLI::App* app;     // the program itself where no command is named
  std::string path;  // "submask grid run"

  // Throws invalid_argument for an option that the command has not, with the nearest one's name.
  // `name`: "--rate".
  CLI::Option& option(const std::string& name) const;
};

// Throws invalid_argument where a command is missing, or for a word in the place of a command that
// is none, with the nearest one's name: CLI11 would only say that a subcommand is required.
NamedCommand named_command(CLI::App& program, const Arguments& arguments);

}  // namespace submask::cli
