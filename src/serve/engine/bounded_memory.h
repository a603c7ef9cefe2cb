// Values that are kept in memory as long as they are worth their bytes.
//
// What goes is decided by GreedyDual-Size (Cao and Irani, USITS 1997): a value's worth is what it
// took to make over its bytes, added to a clock at each use; the least goes first, and moves the
// clock up to its worth. Where all values cost as much for a byte this is least recently used.
// Any thread may use it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

namespace submask {

class BoundedMemory {
 public:
  struct Made {
    std::shared_ptr<const void> value;
    uint64_t bytes = 0;  // measured, at most the `most_bytes` it was made in
    double seconds = 0;  // that it took before it was asked for
  };

  // `seconds` tells the time, by which it is measured what a value took.
  explicit BoundedMemory(uint64_t most_bytes, std::function<double()> seconds = steady_seconds);
  ~BoundedMemory();
  BoundedMemory(const BoundedMemory&) = delete;
  BoundedMemory& operator=(const BoundedMemory&) = delete;

  // A value may hold others of this memory. The value of this key, which is made where it is not
  // there: by one thread, while others who want it wait and those who want another do not. What is
  // held is not let go; this object must outlive it. Throws what `make` throws, unavailable where
  // `most_bytes` do not fit beside what is held, and invalid_argument where they never will.
  template <typename Value>
  std::shared_ptr<const Value> get(const std::string& key, uint64_t most_bytes,
                                   const std::function<Made()>& make) {
    return std::static_pointer_cast<const Value>(find_or_make(key, most_bytes, make));
  }

  // The value, or null.
  template <typename Value>
  std::shared_ptr<const Value> find(const std::string& key) {
    const std::lock_guard guard(mutex_);
    return std::static_pointer_cast<const Value>(hold(key));
  }

  bool has(const std::string& key) const;  // is no use of it

  uint64_t most_bytes() const { return most_bytes_; }
  uint64_t used_bytes() const;
  uint64_t highest_bytes() const;  // that were used at any time
  size_t count() const;            // of values

  static double steady_seconds();

 private:
  struct Item {
    std::shared_ptr<const void> value;
    uint64_t bytes = 0;
    double worth_a_byte = 0;  // seconds
    double priority = 0;      // in the order, while nobody holds it
    int holders = 0;
  };
  // What goes is destroyed without the lock, as it may let go of others.
  using Values = std::vector<std::shared_ptr<const void>>;

  std::shared_ptr<const void> find_or_make(const std::string& key, uint64_t most_bytes,
                                           const std::function<Made()>& make);
  std::shared_ptr<const void> hold(const std::string& key);
  void let_go(const std::string& key);
  void make_idle(const std::string& key, Item& item);
  Values reserve(uint64_t bytes);

  const uint64_t most_bytes_;
  const std::function<double()> seconds_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, std::unique_ptr<Item>> items_;
  std::set<std::pair<double, std::string>> order_;  // of those that nobody holds, by priority
  std::unordered_set<std::string> being_made_;
  uint64_t used_bytes_ = 0, highest_bytes_ = 0;
  uint64_t idle_bytes_ = 0;  // of those in the order
  double clock_ = 0;
};

}  // namespace submask
