// How often each client may ask: a bucket of tokens for each, which fills at a rate and holds those
// of one second, or one.
#pragma once

#include <algorithm>
#include <chrono>
#include <string>
#include <unordered_map>

namespace submask {

class RequestRate {
 public:
  using Clock = std::chrono::steady_clock;

  // `a_second` above 0: requests of one client; 0: as many as it likes.
  explicit RequestRate(double a_second) : rate_(a_second), most_(std::max(1., a_second)) {}

  // 0 where this client may ask now, and it has; else the seconds that it should wait.
  double wait_of(const std::string& client, Clock::time_point now) {
    if (rate_ <= 0) return 0;
    forget_full(now);
    Bucket& bucket = buckets_.try_emplace(client, Bucket{most_, now}).first->second;
    bucket = {tokens(bucket, now), now};
    if (bucket.tokens < 1) return (1 - bucket.tokens) / rate_;
    bucket.tokens -= 1;
    return 0;
  }

  // That are remembered: about as many as can have asked in the time in which a bucket fills, and
  // no fewer than some thousands.
  size_t clients() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens;
    Clock::time_point at;
  };

  double tokens(const Bucket& bucket, Clock::time_point now) const {
    return std::min(most_,
                    bucket.tokens + rate_ * std::chrono::duration<double>(now - bucket.at).count());
  }

  // A full bucket is as good as none; so many clients are not remembered for ever.
  void forget_full(Clock::time_point now) {
    constexpr size_t many = 10'000;
    if (buckets_.size() < std::max(many, 2 * kept_)) return;
    std::erase_if(buckets_,
                  [&](const auto& bucket) { return tokens(bucket.second, now) >= most_; });
    kept_ = buckets_.size();
  }

  double rate_, most_;
  std::unordered_map<std::string, Bucket> buckets_;
  size_t kept_ = 0;  // after the last time of forgetting
};

}  // namespace submask
