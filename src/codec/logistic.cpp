#include "codec/logistic.h"

#include <algorithm>

namespace submask {

const Logistic& Logistic::tables() {
  static const Logistic built;
  return built;
}

// Computes 1 / (1 + exp(-x)) for x >= 0 and takes the other half from symmetry. The logit of a
// probability is the greatest one whose own probability does not exceed it. exp(-x) is a power
// of exp(-1 / 256), in integers, because libraries round exp() differently.
Logistic::Logistic() {
  constexpr uint64_t one_q32 = uint64_t{1} << 32, step = 4278222805;  // round(exp(-1 / 256) * 2^32)
  uint64_t exponential = one_q32;
  for (int32_t x = 0; x <= limit; ++x) {
    const auto p =
        static_cast<uint32_t>(std::min<uint64_t>((one_q32 << 16) / (one_q32 + exponential), 65535));
    probability_[index_of(x)] = static_cast<uint16_t>(p);
    probability_[index_of(-x)] = static_cast<uint16_t>(65536 - p);
    exponential = exponential * step >> 32;
  }
  int32_t x = -limit;
  for (uint32_t p = 0; p < 65536; ++p) {
    while (x < limit && probability_[index_of(x + 1)] <= p) ++x;
    logit_[p] = static_cast<int16_t>(x);
  }
}

}  // namespace submask
