// Says in plain words when learning without labels goes nowhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <submask/train.h>

namespace submask {

class SelfSupervisedWatch {
 public:
  // After each batch; a warning the first time that there is one of its kind.
  std::optional<std::string> look(double loss, const SelfSupervisedProgress& progress);

 private:
  int64_t batches_ = 0;
  int64_t uniform_batches_ = 0;  // in a row, with the loss of a guess
  bool warned_uniform_ = false, warned_collapsed_ = false;
};

}  // namespace submask
