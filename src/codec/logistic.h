// Probabilities and their logits ln(p / (1 - p)) as integers that are the same on every platform.
//
// Probabilities are in 65536ths, 1 ... 65535, and logits in 256ths.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class Logistic {
 public:
  static constexpr int32_t limit = 2815;  // the largest logit in the table, about 11

  static const Logistic& tables();

  // Logits beyond the limit are clamped to it.
  uint32_t probability(int32_t logit) const {
    if (logit > limit) logit = limit;
    if (logit < -limit) logit = -limit;
    return probability_[index_of(logit)];
  }

  int32_t logit(uint32_t probability) const { return logit_[probability]; }

 private:
  Logistic();

  static size_t index_of(int32_t logit) {
    return static_cast<size_t>(limit) + static_cast<size_t>(logit);
  }

  std::array<uint16_t, 2 * limit + 1> probability_;
  std::array<int16_t, 65536> logit_;
};

}  // namespace submask
