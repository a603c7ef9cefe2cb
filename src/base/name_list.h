// Names for a message, where there may be many: the first ones, and the number of the others.
#pragma once

#include <cstdint>
#include <string>

#include "base/quoted_name.h"

namespace submask {

class NameList {
 public:
  explicit NameList(int64_t most_shown = 20) : most_shown_(most_shown) {}

  void add(const std::string& name) {
    if (count_++ < most_shown_) shown_ += (shown_.empty() ? "" : ", ") + shown_name(name);
  }
  int64_t count() const { return count_; }
  std::string joined() const {
    const int64_t more = count_ - most_shown_;
    return more <= 0 ? shown_ : shown_ + " and " + std::to_string(more) + " more";
  }

 private:
  int64_t most_shown_;
  std::string shown_;
  int64_t count_ = 0;
};

}  // namespace submask
