#include "data/format/gzip_stream.h"

#include <algorithm>
#include <limits>
#include <new>

#include "base/fail.h"

namespace submask {
namespace {

constexpr size_t most_at_once = std::numeric_limits<uInt>::max();

}  // namespace

GzipStream::GzipStream(Bytes bytes, const std::string& file) : rest_(bytes), file_(file) {
  constexpr int gzip_alone = 16 + MAX_WBITS;
  if (inflateInit2(&stream_, gzip_alone) != Z_OK) throw std::bad_alloc();
}

GzipStream::~GzipStream() { inflateEnd(&stream_); }

size_t GzipStream::read(std::span<uint8_t> out) {
  size_t filled = 0;
  while (filled < out.size()) {
    if (!in_member_) {
      if (rest_.empty()) break;
      inflateReset(&stream_);
      in_member_ = true;
    }
    const size_t given = std::min(rest_.size(), most_at_once);
    const size_t wanted = std::min(out.size() - filled, most_at_once);
    stream_.next_in = const_cast<Bytef*>(rest_.data());
    stream_.avail_in = static_cast<uInt>(given);
    stream_.next_out = out.data() + filled;
    stream_.avail_out = static_cast<uInt>(wanted);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    const size_t used = given - stream_.avail_in, got = wanted - stream_.avail_out;
    rest_ = rest_.subspan(used);
    filled += got;
    if (code == Z_STREAM_END)
      in_member_ = false;
    else if (code == Z_MEM_ERROR)
      throw std::bad_alloc();
    else if (code != Z_OK && code != Z_BUF_ERROR)
      fail_corrupt("gzipped data", "damaged data", file_);
    else if (used == 0 && got == 0)
      fail_corrupt("whole gzipped data", "its end cut off", file_);
  }
  return filled;
}

}  // namespace submask
