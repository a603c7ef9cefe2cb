// Where the numbers of a run's epochs go.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace submask::cli {

struct TrainingLogOptions {
  std::string csv;          // a file; empty: none
  std::string tensorboard;  // a folder; empty: none

  void add_to(CLI::App& command);
};

}  // namespace submask::cli
