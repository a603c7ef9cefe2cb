// The command that a command line begins with, and its options by their names.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

using Arguments = std::vector<std::string>;

struct NamedCommand {
  const CLI::App* app;  // the program itself where no command is named
  std::string path;     // "submask grid run"
  size_t words = 0;     // of the command line, which name it

  // Throws invalid_argument for an option that it has not, naming the nearest. `name`: "--rate".
  const CLI::Option& option(const std::string& name) const;
};

// Throws invalid_argument for a word in a command's place that is no command, naming the nearest:
// CLI11 would only say that one is required.
NamedCommand named_command(const CLI::App& program, const Arguments& arguments);

}  // namespace submask::cli
