#include "cli/output/run_progress.h"

#include "cli/output/print.h"

namespace submask::cli {

RunProgress::RunProgress(const Talk& talk, std::string prefix)
    : talk_(talk), prefix_(std::move(prefix)) {}

RunHooks RunProgress::hooks() {
  RunHooks hooks;
  hooks.training = [this](const std::string& stage) {
    line_.reset();
    return training_.emplace_back(talk_, stage).hooks();
  };
  hooks.images = [this](const std::string& stage, int64_t done, int64_t total) {
    if (!line_ || stage_ != stage) line_.emplace(talk_, stage_ = stage);
    line_->show(done, total);
    if (done == total) line_.reset();
  };
  hooks.note = [this](const std::string& line) {
    line_.reset();
    note(talk_, prefix_ + line);
  };
  return hooks;
}

MeasurementHooks RunProgress::measurement_hooks() {
  const RunHooks all = hooks();
  return {all.note, all.images};
}

}  // namespace submask::cli
