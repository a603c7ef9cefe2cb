#include "serve/engine/weight_slots.h"

#include <algorithm>

#include "base/fail.h"

namespace submask {

std::shared_ptr<const WeightSet> WeightSlots::get(const std::string& key,
                                                  const std::function<void(WeightSet&)>& fill) {
  Slot* slot = nullptr;
  {
    std::unique_lock lock(mutex_);
    while (true) {
      slot = find(key);
      if (slot != nullptr && !slot->is_being_filled) return hold(*slot);
      if (slot == nullptr && (slot = least_recently_used()) != nullptr) break;
      changed_.wait(lock);
    }
    slot->key = key;
    slot->is_being_filled = true;
  }
  try {
    fill(slot->weights);
  } catch (...) {
    const std::lock_guard guard(mutex_);
    slot->key.clear();
    slot->is_being_filled = false;
    changed_.notify_all();
    throw;
  }
  const std::lock_guard guard(mutex_);
  slot->is_being_filled = false;
  changed_.notify_all();
  return hold(*slot);
}

// The caller of these four has the lock.
WeightSlots::Slot* WeightSlots::find(const std::string& key) {
  const auto found = std::ranges::find(slots_, key, &Slot::key);
  return found == slots_.end() ? nullptr : &*found;
}

WeightSlots::Slot* WeightSlots::least_recently_used() {
  Slot* least = nullptr;
  for (Slot& slot : slots_)
    if (slot.holders == 0 && !slot.is_being_filled && !is_pinned(slot) &&
        (least == nullptr || slot.used_at < least->used_at))
      least = &slot;
  return least;
}

bool WeightSlots::is_pinned(const Slot& slot) const {
  return !slot.key.empty() && std::ranges::find(pinned_, slot.key) != pinned_.end();
}

std::shared_ptr<const WeightSet> WeightSlots::hold(Slot& slot) {
  ++slot.holders;
  slot.used_at = ++uses_;
  return {&slot.weights, [this, &slot](const WeightSet*) {
            const std::lock_guard guard(mutex_);
            --slot.holders;
            changed_.notify_all();
          }};
}

bool WeightSlots::has(const std::string& key) const {
  const std::lock_guard guard(mutex_);
  return std::ranges::any_of(
      slots_, [&](const Slot& slot) { return slot.key == key && !slot.is_being_filled; });
}

void WeightSlots::pin(std::vector<std::string> keys) {
  if (keys.size() > most_pinned_)
    fail_argument(text("at most ", most_pinned_, " tasks to pin"), keys.size());
  const std::lock_guard guard(mutex_);
  pinned_ = std::move(keys);
  changed_.notify_all();
}

size_t WeightSlots::filled() const {
  const std::lock_guard guard(mutex_);
  return static_cast<size_t>(
      std::ranges::count_if(slots_, [](const Slot& slot) { return !slot.key.empty(); }));
}

}  // namespace submask
