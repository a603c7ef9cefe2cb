// The two hashes of the project: SHA-256 for identities (of backbones, of data), xxHash to detect
// damage.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace submask {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  void update(Bytes bytes);
  void update(std::string_view text) { update(as_bytes(text)); }
  std::string hex();  // ends the hash: 64 lower-case digits

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(Bytes bytes);

std::string hex_digits(uint64_t number);                   // 16, lower-case
std::string to_hex(Bytes bytes);                           // two digits a byte, lower-case
std::vector<uint8_t> from_hex(const std::string& digits);  // empty for what to_hex() does not write

// XXH64 with seed 0, over any number of pieces.
class XxHash64 {
 public:
  XxHash64();
  ~XxHash64();
  void update(Bytes bytes);
  void update(std::string_view text) { update(as_bytes(text)); }
  uint64_t value() const;
  std::string hex() const { return hex_digits(value()); }

 private:
  struct State;
  std::unique_ptr<State> state_;
};

uint64_t xxh64(Bytes bytes);

}  // namespace submask
