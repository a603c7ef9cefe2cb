// The commands of the program and their options as a list, as pages and shells need them.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

struct OptionEntry {
  std::vector<std::string> names;  // "--rate"; of what is given by its place its name alone
  std::string group, type, usual, help;
  std::vector<std::string> choices;  // all values there are; empty where any may do
  std::string effect;                // of settings of a run (base/fields.h); "": of no run
  bool takes_value = true;
  bool names_folder = false, names_file = false;
};

struct CommandEntry {
  std::string path;  // "grid run"
  std::string help;
  std::vector<std::string> subcommands;
  std::vector<OptionEntry> options;  // but for hidden ones
  bool says_effects = false;         // some option has an effect
};

// Depth first, in the order of the help.
std::vector<CommandEntry> command_tree(const CLI::App& program);

}  // namespace submask::cli
