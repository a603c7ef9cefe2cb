// Says in plain words what learning without labels does with a run's images, and when it goes
// nowhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/dataset.h>
#include <submask/train.h>

#include "learn/objective.h"

namespace submask {

// Lines worth telling before the first step: labels that are not used, and what so many images
// will not do well with.
std::vector<std::string> notes_without_labels(const Dataset& train, const TrainSettings& settings,
                                              const Objective& objective);

class SelfSupervisedWatch {
 public:
  explicit SelfSupervisedWatch(SelfSupervisedAdvice advice) : advice_(std::move(advice)) {}

  // A warning where the crops of the first batch, uint8 [M, 3, S, S], are of one colour each.
  std::optional<std::string> look_at_first(const at::Tensor& crops);

  // After each batch; a warning the first time that there is one of its kind.
  std::optional<std::string> look(double loss, const SelfSupervisedProgress& progress);

 private:
  SelfSupervisedAdvice advice_;
  bool looked_ = false;
  int64_t batches_ = 0;
  int64_t uniform_batches_ = 0;  // in a row, with the loss of a guess
  bool warned_uniform_ = false, warned_collapsed_ = false;
};

}  // namespace submask
