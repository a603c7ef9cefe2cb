// How long is waited for a client that sends or takes bytes: whoever does so at a rate has all of
// the patience, and uses it up while it does not. So neither a client that stops, nor one that
// moves a byte now and then, is waited for much longer.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace submask {

class Patience {
 public:
  using Clock = std::chrono::steady_clock;

  // `a_second` bytes are expected.
  Patience(Clock::duration most, double a_second) : most_(most), rate_(a_second) {}

  void begin(Clock::time_point now) { end_ = now + most_; }

  // So many bytes more have moved.
  void add(size_t bytes, Clock::time_point now) {
    const std::chrono::duration<double> earned(static_cast<double>(bytes) / rate_);
    end_ = std::min(end_ + std::chrono::duration_cast<Clock::duration>(earned), now + most_);
  }

  Clock::time_point end() const { return end_; }

 private:
  Clock::duration most_;
  double rate_;
  Clock::time_point end_;
};

}  // namespace submask
