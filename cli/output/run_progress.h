// A run's progress and notes on stderr, stage by stage.
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
  // `talk` must outlive it. `prefix`: before every note.
  explicit RunProgress(const Talk& talk, std::string prefix = "");

  // They refer to this object.
  RunHooks hooks();
  MeasurementHooks measurement_hooks();

 private:
  const Talk& talk_;
  std::string prefix_;
  std::deque<ProgressLine> training_;  // hooks refer to them
  std::string stage_;
  std::optional<CountLine> line_;
};

}  // namespace submask::cli
