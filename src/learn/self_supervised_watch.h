// Tells the user what learning without labels does with the run's images, and warns when nothing is
// learned.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/dataset.h>
#include <submask/train.h>

#include "learn/objective.h"

namespace submask {

// Returns lines for the user before the first step: that labels are not used, and which settings do
// not suit so many images.
std::vector<std::string> notes_without_labels(const Dataset& train, const TrainSettings& settings,
                                              const Objective& objective);

class SelfSupervisedWatch {
 public:
  explicit SelfSupervisedWatch(SelfSupervisedAdvice advice) : advice_(std::move(advice)) {}

  // Returns a warning where each crop of the first batch, uint8 [M, 3, S, S], has one colour. Later
  // batches are not checked.
  std::optional<std::string> check_first_crops(const at::Tensor& crops);

  // Must be called after each batch. Returns each kind of warning only once.
  std::optional<std::string> check_progress(double loss, const SelfSupervisedProgress& progress);

 private:
  SelfSupervisedAdvice advice_;
  bool first_crops_checked_ = false;
  int64_t batches_ = 0;
  int64_t uniform_batches_ = 0;  // the last batches in a row whose loss is that of a guess
  bool warned_uniform_ = false, warned_collapsed_ = false;
};

}  // namespace submask
