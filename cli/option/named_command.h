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

  // `name` is "--rate". Throws invalid_argument, with the nearest name, for an option that the
  // command does not have.
  CLI::Option& option(const std::string& name) const;

  // The option that a file's key sets, e.g. "rate". Throws invalid_argument as option() does; what
  // a file may not set counts as unknown: options that end the program (--help, --version) and
  // those of programs that start this one, which the help does not show.
  CLI::Option& setting(const std::string& key) const;
};

// Finds the command that the arguments begin with. Throws invalid_argument where it is missing or,
// with the nearest name, unknown. CLI11 would only say that a subcommand is required.
NamedCommand named_command(CLI::App& program, const Arguments& arguments);

}  // namespace submask::cli
