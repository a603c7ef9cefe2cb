// Options every command has.
#pragma once

#include <CLI/CLI.hpp>

#include <submask/run.h>

namespace submask::cli {

// How a command talks.
struct Talk {
  bool json = false;
  bool quiet = false;

  void add_to(CLI::App& command);
};

struct SharedOptions : Talk {
  ComputeSettings compute;

  void add_to(CLI::App& command);
};

// What all options of a command start from: the last one given wins, and --config stands for a
// file.
void prepare_options(CLI::App& command);

}  // namespace submask::cli
