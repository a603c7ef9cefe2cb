// Probabilities and their logits as integers, the same on every platform.
//
// A probability is in 65536ths, 1 ... 65535. A logit ln(p / (1 - p)) is in 256ths.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class Logistic {
 public:
  static constexpr int32_t limit = 2815;  // logits beyond +-11 are as good as this

  static const Logistic& tables();

  // Any logit, clamped.
  uint32_t probability(int32_t logit) const {
    if (logit > limit) logit = limit;
    if (logit < -limit) logit = -limit;
    return probability_[place(logit)];
  }

  int32_t logit(uint32_t probability) const { return logit_[probability]; }

 private:
  Logistic();

  static size_t place(int32_t logit) {
    return static_cast<size_t>(limit) + static_cast<size_t>(logit);
  }

  std::array<uint16_t, 2 * limit + 1> probability_;
  std::array<int16_t, 65536> logit_;
};

}  // namespace submask
