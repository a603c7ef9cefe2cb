// Expanded weights of the tasks that were used last, in memory that serves again and again.
// Any thread may use it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mask/weight_set.h"

namespace submask {

class WeightSlots {
 public:
  // Of the slots so many may be pinned. Whoever holds one while it gets another relies on the rest.
  WeightSlots(size_t slots, size_t most_pinned) : slots_(slots), most_pinned_(most_pinned) {}

  // The weights of this key, which `fill` writes into the slot that was used the longest ago where
  // no slot has them; what others wrote there before is still in it. They stay as they are while
  // they are held, and this object must outlive them. Waits while all slots are held or being
  // filled. Throws what `fill` throws.
  std::shared_ptr<const WeightSet> get(const std::string& key,
                                       const std::function<void(WeightSet&)>& fill);

  bool has(const std::string& key) const;

  // The weights of these keys, once they are there, are not replaced by others. Throws
  // invalid_argument for more than may be pinned.
  void pin(std::vector<std::string> keys);

  size_t size() const { return slots_.size(); }
  size_t most_pinned() const { return most_pinned_; }
  size_t filled() const;

 private:
  struct Slot {
    std::string key;  // "": nothing, or what a failed fill left
    WeightSet weights;
    uint64_t used_at = 0;  // by uses_
    int holders = 0;
    bool is_being_filled = false;
  };

  Slot* find(const std::string& key);
  Slot* least_recently_used();
  bool is_pinned(const Slot& slot) const;
  std::shared_ptr<const WeightSet> hold(Slot& slot);

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Slot> slots_;
  const size_t most_pinned_;
  std::vector<std::string> pinned_;
  uint64_t uses_ = 0;
};

}  // namespace submask
