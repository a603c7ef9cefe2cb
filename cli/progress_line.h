// Training progress on stderr: one line redrawn on a terminal, a plain line an epoch elsewhere.
#pragma once

#include <chrono>
#include <string>

#include <submask/train.h>

#include "cli/shared_options.h"

namespace submask::cli {

// Throws Error interrupted once the user has pressed Ctrl-C in a run with a ProgressLine.
void throw_if_interrupted();

// The hooks of a command line run: progress, notes, and a stop when the user presses Ctrl-C.
class ProgressLine {
 public:
  ProgressLine(const SharedOptions& options, std::string label);
  TrainHooks hooks();

 private:
  void show(const TrainProgress& progress);

  const SharedOptions& options_;
  std::string label_;
  bool terminal_;
  std::chrono::steady_clock::time_point last_;
};

}  // namespace submask::cli
