#include "cli/output/run_progress.h"

#include "cli/output/print.h"

namespace submask::cli {

RunProgress::RunProgress(const OutputOptions& output, std::string prefix)
    : output_(output), prefix_(std::move(prefix)) {}

RunHooks RunProgress::hooks() {
  RunHooks hooks;
  hooks.training = [this](const std::string& stage) {
    line_.reset();
    return training_.emplace_back(output_, stage).hooks();
  };
  hooks.images = [this](const std::string& stage, int64_t done, int64_t total) {
    if (!line_ || stage_ != stage) line_.emplace(output_, stage_ = stage);
    line_->show(done, total);
    if (done == total) line_.reset();
  };
  hooks.note = [this](const std::string& line) {
    line_.reset();
    note(output_, prefix_ + line);
  };
  return hooks;
}

MeasurementHooks RunProgress::measurement_hooks() {
  const RunHooks run_hooks = hooks();
  return {run_hooks.note, run_hooks.images};
}

}  // namespace submask::cli
