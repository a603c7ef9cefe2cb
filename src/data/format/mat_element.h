// One data element of a MATLAB 5 file, read from its beginning and inflated where it is deflated.
// Internal to mat_file.cpp.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <zlib.h>

#include "base/file.h"

namespace submask {

enum class MatType : uint32_t {
  int8 = 1,
  uint8 = 2,
  int16 = 3,
  uint16 = 4,
  int32 = 5,
  uint32 = 6,
  single_float = 7,
  double_float = 9,
  int64 = 12,
  uint64 = 13,
  matrix = 14,
  compressed = 15
};

// The type and size of a part. A part of at most four bytes may stand in its tag.
struct MatTag {
  MatType type{};
  uint64_t size = 0;
  bool is_small = false;
  std::array<uint8_t, 4> small{};
};

inline uint32_t little_endian_32(const uint8_t* b) {
  return uint32_t{b[0]} | uint32_t{b[1]} << 8 | uint32_t{b[2]} << 16 | uint32_t{b[3]} << 24;
}

// All functions throw corrupt_file, naming `file`, where the element is cut off or does not
// inflate.
class MatElement {
 public:
  // The element at the beginning of `bytes`; other elements may follow it.
  MatElement(Bytes bytes, const std::string& file);
  ~MatElement();
  MatElement(const MatElement&) = delete;
  MatElement& operator=(const MatElement&) = delete;

  uint64_t stored_bytes() const { return stored_bytes_; }  // with its tag and its padding
  bool is_matrix() const { return type_ == MatType::matrix; }
  uint64_t most_bytes() const;  // that its stored bytes can inflate to

  MatTag read_tag();
  MatTag expect_tag(MatType type, uint64_t least, uint64_t most);
  void read(const MatTag& tag, std::span<uint8_t> out);  // out.size() == tag.size
  void expect_end();

 private:
  void read_raw(std::span<uint8_t> out);

  std::string file_;
  Bytes stored_;  // of an element that is not deflated, the bytes that are not read yet
  uint64_t stored_bytes_ = 0;
  MatType type_{};
  bool deflated_ = false;
  z_stream stream_{};
};

}  // namespace submask
