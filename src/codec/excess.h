// How many more weights of a group are off than the sum of their probabilities lets expect.
#pragma once

#include <algorithm>
#include <cstdint>

#include "codec/logistic.h"

namespace submask {

class Excess {
 public:
  // ln((off + prior) / (expected + prior)), in 256ths; 0 for an empty group.
  int32_t log_ratio() const { return log_ratio_; }

  // `expected` is the probability that this weight is off. It and the prior are in 65536ths.
  void add(bool off, uint32_t expected, uint32_t prior) {
    off_ += off ? 65536 : 0;
    expected_ += expected;
    // ln(a / b) is the logit of the probability a / (a + b).
    const uint64_t share = ((off_ + prior) << 16) / (off_ + expected_ + 2 * uint64_t{prior});
    log_ratio_ =
        Logistic::tables().logit(static_cast<uint32_t>(std::clamp<uint64_t>(share, 1, 65535)));
  }

 private:
  uint64_t off_ = 0, expected_ = 0;  // in 65536ths
  int32_t log_ratio_ = 0;
};

}  // namespace submask
