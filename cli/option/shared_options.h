// The options that all commands have.
#pragma once

#include <CLI/CLI.hpp>

#include <submask/run.h>

namespace submask::cli {

// What a command prints.
struct OutputOptions {
  bool json = false;
  bool quiet = false;

  void add_to(CLI::App& command);
};

// Prints a line to stderr, unless --quiet.
void note(const OutputOptions& output, const std::string& line);

struct SharedOptions : OutputOptions {
  ComputeSettings compute;

  void add_to(CLI::App& command);
};

// Sets the defaults of the options that are added afterwards: an option may be repeated, and the
// last value is used; the help shows default values.
void prepare_options(CLI::App& command);

}  // namespace submask::cli
