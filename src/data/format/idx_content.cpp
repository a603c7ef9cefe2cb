#include "data/format/idx_content.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>

#include "base/checked.h"
#include "base/fail.h"
#include "data/format/deflate_ratio.h"
#include "data/format/gzip_stream.h"

namespace submask {
namespace {

// Reads the bytes of the file from the beginning, and inflates them where they are gzipped.
class IdxReader {
 public:
  IdxReader(Bytes bytes, const std::string& file) : rest_(bytes), file_(file) {
    most_bytes_ = bytes.size();
    if (!is_gzip(bytes)) return;
    stream_.emplace(bytes, file);
    most_bytes_ = checked_multiply(bytes.size(), best_deflate_ratio, file);
  }

  uint64_t most_bytes() const { return most_bytes_; }

  void read(std::span<uint8_t> out) {
    if (read_some(out) < out.size()) fail_corrupt("a whole IDX file", "the end of the file", file_);
  }

  uint32_t read_number() {
    std::array<uint8_t, 4> b{};
    read(b);
    return uint32_t{b[0]} << 24 | uint32_t{b[1]} << 16 | uint32_t{b[2]} << 8 | b[3];
  }

  void expect_end() {
    uint8_t more = 0;
    if (read_some({&more, 1}) > 0)
      fail_corrupt("an IDX file of the size in its header", "more bytes", file_);
  }

 private:
  size_t read_some(std::span<uint8_t> out) {
    if (stream_) return stream_->read(out);
    const size_t count = std::min(out.size(), rest_.size());
    std::copy_n(rest_.begin(), count, out.begin());
    rest_ = rest_.subspan(count);
    return count;
  }

  Bytes rest_;
  const std::string& file_;
  uint64_t most_bytes_ = 0;
  std::optional<GzipStream> stream_;
};

}  // namespace

IdxContent parse_idx(Bytes bytes, size_t dimensions, const std::string& file) {
  IdxReader reader(bytes, file);
  const uint32_t magic = reader.read_number();
  if (magic != (0x800U | dimensions))
    fail_corrupt(text("an IDX file of ", dimensions, "-dimensional bytes"),
                 text("magic number ", magic), file);
  IdxContent content;
  uint64_t total = 1;
  for (size_t i = 0; i < dimensions; ++i) {
    content.dimensions.push_back(reader.read_number());
    total = checked_multiply(total, content.dimensions.back(), file);
  }
  if (total == 0) fail_corrupt("an IDX file of 1 or more bytes", "dimensions of 0", file);
  if (total > reader.most_bytes())
    fail_corrupt(text("a whole IDX file, of ", total, " bytes"), "the end of the file", file);
  content.bytes.resize(total);
  reader.read(content.bytes);
  reader.expect_end();
  return content;
}

}  // namespace submask
