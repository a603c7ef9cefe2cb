#include "serve/engine/bounded_memory.h"

#include <algorithm>
#include <cassert>
#include <chrono>

#include "base/fail.h"

namespace submask {

BoundedMemory::BoundedMemory(uint64_t most_bytes, std::function<double()> seconds)
    : most_bytes_(most_bytes), seconds_(std::move(seconds)) {}

double BoundedMemory::steady_seconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

BoundedMemory::~BoundedMemory() {
  Values gone;
  for (auto& [key, item] : items_) gone.push_back(std::move(item->value));
}

std::shared_ptr<const void> BoundedMemory::find_or_make(const std::string& key, uint64_t most_bytes,
                                                        const std::function<Made()>& make) {
  Values gone;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !being_made_.contains(key); });
    if (auto held = hold(key)) return held;
    gone = reserve(most_bytes);
    being_made_.insert(key);
  }
  gone.clear();
  const auto give_up = [&] {
    used_bytes_ -= most_bytes;
    being_made_.erase(key);
    changed_.notify_all();
  };
  const double start = seconds_();
  Made made;
  try {
    made = make();
  } catch (...) {
    const std::lock_guard guard(mutex_);
    give_up();
    throw;
  }
  const double taken = seconds_() - start + made.seconds;
  assert(made.bytes <= most_bytes);
  const std::lock_guard guard(mutex_);
  give_up();
  used_bytes_ += made.bytes;
  auto item = std::make_unique<Item>();
  item->value = std::move(made.value);
  item->bytes = made.bytes;
  item->worth_a_byte = taken / static_cast<double>(std::max<uint64_t>(made.bytes, 1));
  make_idle(key, *item);
  items_[key] = std::move(item);
  return hold(key);
}

// The caller has the lock.
std::shared_ptr<const void> BoundedMemory::hold(const std::string& key) {
  const auto found = items_.find(key);
  if (found == items_.end()) return nullptr;
  Item& item = *found->second;
  if (item.holders++ == 0) {
    order_.erase({item.priority, key});
    idle_bytes_ -= item.bytes;
  }
  return {item.value.get(), [this, key](const void*) { let_go(key); }};
}

void BoundedMemory::let_go(const std::string& key) {
  const std::lock_guard guard(mutex_);
  Item& item = *items_.at(key);
  if (--item.holders == 0) make_idle(key, item);
}

// The caller has the lock.
void BoundedMemory::make_idle(const std::string& key, Item& item) {
  item.priority = clock_ + item.worth_a_byte;
  order_.emplace(item.priority, key);
  idle_bytes_ += item.bytes;
}

// The caller has the lock.
BoundedMemory::Values BoundedMemory::reserve(uint64_t bytes) {
  if (bytes > most_bytes_)
    fail_argument(text("what takes at most ", most_bytes_, " bytes of memory (--memory)"), bytes);
  const uint64_t held_bytes = used_bytes_ - idle_bytes_;
  if (held_bytes + bytes > most_bytes_)
    fail(ErrorKind::unavailable, "expected ", bytes, " bytes of memory (--memory), got ",
         most_bytes_ - held_bytes, " beside what is in use");
  Values gone;
  while (used_bytes_ + bytes > most_bytes_) {
    const auto least = order_.begin();
    const auto found = items_.find(least->second);
    clock_ = least->first;
    used_bytes_ -= found->second->bytes;
    idle_bytes_ -= found->second->bytes;
    gone.push_back(std::move(found->second->value));
    items_.erase(found);
    order_.erase(least);
  }
  used_bytes_ += bytes;
  highest_bytes_ = std::max(highest_bytes_, used_bytes_);
  return gone;
}

bool BoundedMemory::has(const std::string& key) const {
  const std::lock_guard guard(mutex_);
  return items_.contains(key);
}

uint64_t BoundedMemory::used_bytes() const {
  const std::lock_guard guard(mutex_);
  return used_bytes_;
}

uint64_t BoundedMemory::highest_bytes() const {
  const std::lock_guard guard(mutex_);
  return highest_bytes_;
}

size_t BoundedMemory::count() const {
  const std::lock_guard guard(mutex_);
  return items_.size();
}

}  // namespace submask
