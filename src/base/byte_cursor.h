// Reads a file's bytes one after the other, as little-endian numbers and runs of bytes. Throws
// corrupt_file where they end.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

#include "base/fail.h"
#include "base/file.h"

namespace submask {

static_assert(std::endian::native == std::endian::little, "weight files are read in place");

class ByteCursor {
 public:
  // `file` is named in errors and must outlive the cursor, as `bytes` must.
  ByteCursor(Bytes bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  size_t position() const { return position_; }
  size_t remaining() const { return bytes_.size() - position_; }

  Bytes take(uint64_t count) {
    if (count > remaining()) {
      fail_corrupt(text(count, " more bytes"), text(remaining(), " (truncated or damaged)"), file_);
    }
    const Bytes taken = bytes_.subspan(position_, count);
    position_ += count;
    return taken;
  }

  std::string_view take_text(uint64_t count) { return as_text(take(count)); }

  template <typename Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }

  // The text up to the next line feed, which is skipped.
  std::string_view line() {
    const void* end =
        remaining() == 0 ? nullptr : std::memchr(bytes_.data() + position_, '\n', remaining());
    if (end == nullptr) fail_corrupt("a line feed", "the end of the data", file_);
    const auto length = static_cast<const uint8_t*>(end) - (bytes_.data() + position_);
    const std::string_view found = take_text(static_cast<uint64_t>(length));
    take(1);
    return found;
  }

 private:
  Bytes bytes_;
  const std::string& file_;
  size_t position_ = 0;
};

}  // namespace submask
