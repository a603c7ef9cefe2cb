// Names for a message, where there may be many: the first 20, and the number of the others.
#pragma once

#include <cstdint>
#include <string>

#include "base/quoted_name.h"

namespace submask {

class NameList {
 public:
  void add(const std::string& name) {
    constexpr int64_t most_shown = 20;
    if (count_++ < most_shown) shown_ += (shown_.empty() ? "" : ", ") + shown_name(name);
    more_ = count_ > most_shown ? count_ - most_shown : 0;
  }
  int64_t count() const { return count_; }
  std::string joined() const {
    return more_ == 0 ? shown_ : shown_ + " and " + std::to_string(more_) + " more";
  }

 private:
  std::string shown_;
  int64_t count_ = 0, more_ = 0;
};

}  // namespace submask
