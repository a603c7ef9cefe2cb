// The commands of the program and their options as a list, for pages and shells.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace submask::cli {

struct OptionEntry {
  std::vector<std::string> names;  // "--rate"; for a positional argument its name alone
  std::string group, type, default_value, help;
  std::vector<std::string> choices;  // all allowed values; empty where any value is allowed
  std::string effect;                // of a setting of a run (base/fields.h); "" for other options
  bool takes_value = true;
  bool names_folder = false, names_file = false;
};

struct CommandEntry {
  std::string path;  // "grid run"
  std::string help;
  std::vector<std::string> subcommands;
  std::vector<OptionEntry> options;  // without hidden ones
  bool has_effects = false;          // whether any option has an effect
};

// Depth first, in the order of the help.
std::vector<CommandEntry> command_tree(const CLI::App& program);

}  // namespace submask::cli
