// Prints progress to stderr: one line that is redrawn on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <string>

#include <submask/train.h>

#include "cli/option/shared_options.h"

namespace submask::cli {

// After this call the first Ctrl-C, and SIGTERM, do not end the program. They set a flag, and a
// long run stops at its next check of the flag. The classes below call this too.
void catch_interrupts();

// The signal that asked the program to stop; 0: none yet.
int stop_signal();

// Throws interrupted where the flag is set.
void throw_if_interrupted();

// Hooks of a training run that prints nothing but can be stopped.
TrainHooks stoppable_hooks();

// Hooks of runs of any kind that print nothing but can be stopped.
RunHooks stoppable_runs();

// Gives the hooks of a training run, which print progress and notes and stop the run at Ctrl-C.
// Plain lines are printed once an epoch.
class ProgressLine {
 public:
  ProgressLine(const OutputOptions& output, std::string label);
  TrainHooks hooks();

 private:
  void show(const TrainProgress& progress);

  const OutputOptions& output_;
  std::string label_;
  bool terminal_;
  std::chrono::steady_clock::time_point last_;
};

// Prints how many images (or other units) of how many are done, with the rate and the time left.
class CountLine {
 public:
  CountLine(const OutputOptions& output, std::string label, const char* unit = "images");
  ~CountLine();  // leaves an empty line on a terminal
  CountLine(const CountLine&) = delete;
  CountLine& operator=(const CountLine&) = delete;

  // Throws interrupted once the user has pressed Ctrl-C.
  void show(int64_t done, int64_t total);

 private:
  const OutputOptions& output_;
  std::string label_;
  const char* unit_;
  bool terminal_;
  std::chrono::steady_clock::time_point start_, last_;
};

}  // namespace submask::cli
