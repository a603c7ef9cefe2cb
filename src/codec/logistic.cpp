#include "codec/logistic.h"

#include <algorithm>

namespace submask {

const Logistic& Logistic::tables() {
  static const Logistic built;
  return built;
}

// 1 / (1 + exp(-x)) for x >= 0, the other half by symmetry; then, for every probability, the
// greatest logit that does not exceed it. Exponentials come from powers of exp(-1 / 256), in
// integers, because libraries round exp() differently.
Logistic::Logistic() {
  constexpr uint64_t one = uint64_t{1} << 32, step = 4278222805;  // round(exp(-1 / 256) * 2^32)
  uint64_t exponential = one;
  for (int32_t x = 0; x <= limit; ++x) {
    const auto p =
        static_cast<uint32_t>(std::min<uint64_t>((one << 16) / (one + exponential), 65535));
    probability_[place(x)] = static_cast<uint16_t>(p);
    probability_[place(-x)] = static_cast<uint16_t>(65536 - p);
    exponential = exponential * step >> 32;
  }
  int32_t x = -limit;
  for (uint32_t p = 0; p < 65536; ++p) {
    while (x < limit && probability_[place(x + 1)] <= p) ++x;
    logit_[p] = static_cast<int16_t>(x);
  }
}

}  // namespace submask
