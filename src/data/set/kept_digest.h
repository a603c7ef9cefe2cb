// A digest that is computed once, when it is first asked for, by whichever thread asks.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "base/hash.h"

namespace submask {

class KeptDigest {
 public:
  // What `add`, called with a Sha256, has added to it; called the first time alone.
  template <typename Add>
  const std::string& get(const Add& add) const {
    std::call_once(once_, [&] {
      Sha256 hash;
      add(hash);
      hexadecimal_ = hash.hex();
    });
    return hexadecimal_;
  }

 private:
  mutable std::once_flag once_;
  mutable std::string hexadecimal_;
};

inline void add_class_names(const std::vector<std::string>& names, Sha256& hash) {
  for (const std::string& name : names) hash.update(name + "\n");
}

}  // namespace submask
