// Of coded bytes, to tell whether they are still the same: FNV-1a of 64 bits over lengths and
// bytes.
#pragma once

#include <cstdint>
#include <vector>

namespace submask {

class CodedDigest {
 public:
  void add(const std::vector<uint8_t>& bytes) {
    for (uint64_t size = bytes.size(), i = 0; i < 4; ++i)
      add(static_cast<uint8_t>(size >> (8 * i)));
    for (const uint8_t byte : bytes) add(byte);
  }
  uint64_t value() const { return value_; }

 private:
  void add(uint8_t byte) { value_ = (value_ ^ byte) * 0x100000001B3ULL; }

  uint64_t value_ = 0xCBF29CE484222325ULL;
};

}  // namespace submask
