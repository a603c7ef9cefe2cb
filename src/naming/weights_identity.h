// The hash that identifies a network's weights.
#pragma once

#include <bit>
#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/joined.h"

namespace submask {

// SHA-256 over the units in network order: for each its name, a zero byte, its shape as "64,3,7,7",
// a zero byte, and its values as little-endian float32.
class WeightsIdentity {
 public:
  template <typename Shape>
  void add(const std::string& name, const Shape& shape, std::span<const float> values) {
    static_assert(std::endian::native == std::endian::little, "values are hashed as they lie");
    const std::string_view separator("\0", 1);
    hash_.update(name);
    hash_.update(separator);
    hash_.update(joined(shape, ","));
    hash_.update(separator);
    hash_.update(Bytes(reinterpret_cast<const uint8_t*>(values.data()), values.size_bytes()));
  }

  std::string hex() { return hash_.hex(); }  // ends the hash

 private:
  Sha256 hash_;
};

}  // namespace submask
