// The probability of a bit in one context, learned from the bits that were seen in this context.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class AdaptiveBit {
 public:
  // After this many bits the rate of learning stays the same.
  static constexpr uint32_t most_counted = 1000;

  bool is_new() const { return (state_ & count_mask) == 0; }
  uint32_t probability() const { return state_ >> 16; }  // of a 1, in 65536ths

  // These set the probability of a new bit and leave the count of seen bits at zero.
  void start_as(const AdaptiveBit& other) { state_ = other.state_ & ~count_mask; }
  void start_at(uint32_t probability) { state_ = probability << 16; }

  // Moves the probability towards the bit by the share 1 / (n + 2.5), after n bits were seen.
  void learn(bool bit) {
    const uint32_t count = state_ & count_mask;
    const auto value = static_cast<int64_t>(state_ >> count_bits);
    const int64_t target = bit ? largest : 0;
    const int64_t moved = value + ((target - value) * rates[count] >> 16);
    state_ = static_cast<uint32_t>(moved) << count_bits | std::min(count + 1, most_counted);
  }

 private:
  static constexpr uint32_t count_bits = 10, count_mask = (1U << count_bits) - 1;
  static constexpr int64_t largest = (1 << 22) - 1;
  static constexpr auto rates = [] {  // in 65536ths, by the number of bits seen
    std::array<uint16_t, most_counted + 1> rate{};
    for (uint32_t n = 0; n <= most_counted; ++n)
      rate[n] = static_cast<uint16_t>(2 * 65536 / (2 * n + 5));
    return rate;
  }();

  uint32_t state_ = 0;  // the upper 22 bits: probability; the lower 10: number of bits seen
};

}  // namespace submask
