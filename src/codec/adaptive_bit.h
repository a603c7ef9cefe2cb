// The probability of a bit in one context, learned from those seen in it.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace submask {

class AdaptiveBit {
 public:
  static constexpr uint32_t most_seen =
      1000;  // bits that count: it never learns slower than after these

  bool is_new() const { return (state_ & count_mask) == 0; }
  uint32_t probability() const { return state_ >> 16; }  // of a 1, 65536ths

  // Where it starts: as sure as another one, or a plain share, with nothing seen.
  void start_as(const AdaptiveBit& other) { state_ = other.state_ & ~count_mask; }
  void start_at(uint32_t probability) { state_ = probability << 16; }

  // Towards the bit by 1 / (n + 2.5) after n bits.
  void learn(bool bit) {
    const uint32_t count = state_ & count_mask;
    const auto value = static_cast<int64_t>(state_ >> count_bits);
    const int64_t target = bit ? largest : 0;
    const int64_t moved = value + ((target - value) * rates[count] >> 16);
    state_ = static_cast<uint32_t>(moved) << count_bits | std::min(count + 1, most_seen);
  }

 private:
  static constexpr uint32_t count_bits = 10, count_mask = (1U << count_bits) - 1;
  static constexpr int64_t largest = (1 << 22) - 1;
  static constexpr auto rates = [] {  // 65536ths, by how many were seen
    std::array<uint16_t, most_seen + 1> rate{};
    for (uint32_t n = 0; n <= most_seen; ++n)
      rate[n] = static_cast<uint16_t>(2 * 65536 / (2 * n + 5));
    return rate;
  }();

  uint32_t state_ = 0;  // probability in the upper 22 bits, how many were seen in the lower 10
};

}  // namespace submask
