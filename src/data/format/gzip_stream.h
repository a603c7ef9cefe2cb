// Inflates gzipped bytes from the beginning to the end.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <zlib.h>

#include "base/file.h"

namespace submask {

inline bool is_gzip(Bytes bytes) {
  return bytes.size() >= 2 && bytes[0] == 0x1F && bytes[1] == 0x8B;
}

// One or more gzip members, one after the other, to the end of the bytes.
class GzipStream {
 public:
  GzipStream(Bytes bytes, const std::string& file);
  ~GzipStream();
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;

  // Fills `out` and returns how many bytes it filled: fewer than all only at the end, and then all
  // checksums were right. Throws corrupt_file for damaged data and for a member that is cut off.
  size_t read(std::span<uint8_t> out);

 private:
  Bytes rest_;
  const std::string& file_;
  z_stream stream_{};
  bool in_member_ = true;
};

}  // namespace submask
