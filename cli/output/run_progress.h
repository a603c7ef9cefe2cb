// Prints a run's progress and notes to stderr, stage by stage.
#pragma once

#include <deque>
#include <optional>
#include <string>

#include <submask/run.h>

#include "cli/output/progress_line.h"
#include "evaluate/measurement.h"

namespace submask::cli {

class RunProgress {
 public:
  // `output` must outlive this object. Every note begins with `prefix`.
  explicit RunProgress(const OutputOptions& output, std::string prefix = "");

  // The hooks refer to this object.
  RunHooks hooks();
  MeasurementHooks measurement_hooks();

 private:
  const OutputOptions& output_;
  std::string prefix_;
  std::deque<ProgressLine> training_;  // hooks refer to them
  std::string stage_;
  std::optional<CountLine> line_;
};

}  // namespace submask::cli
