#include "data/format/mat_element.h"

#include <algorithm>
#include <limits>

#include "base/fail.h"
#include "data/format/deflate_ratio.h"

namespace submask {
namespace {

constexpr uint64_t tag_bytes = 8;

uint64_t padding_after(uint64_t size) { return (8 - size % 8) % 8; }

// In a small tag the upper half of the first word is not zero: it is the size, and the lower half
// is the type.
MatTag parse_tag(const uint8_t* b) {
  MatTag tag;
  const uint32_t word = little_endian_32(b);
  tag.is_small = word >> 16 != 0;
  tag.type = static_cast<MatType>(tag.is_small ? word & 0xFFFF : word);
  tag.size = tag.is_small ? word >> 16 : little_endian_32(b + 4);
  std::copy_n(b + 4, 4, tag.small.begin());
  return tag;
}

}  // namespace

MatElement::MatElement(Bytes bytes, const std::string& file) : file_(file) {
  if (bytes.size() < tag_bytes) fail_corrupt("a whole .mat file", "the end of the file", file_);
  const MatTag tag = parse_tag(bytes.data());
  const uint64_t content = tag.is_small ? 0 : tag.size;
  if (content > bytes.size() - tag_bytes)
    fail_corrupt(text("an element of ", content, " bytes"),
                 text(bytes.size() - tag_bytes, " up to the end of the file"), file_);
  deflated_ = tag.type == MatType::compressed;
  // Deflated elements follow one another without padding.
  stored_bytes_ = tag_bytes + content + (deflated_ ? 0 : padding_after(content));
  stored_ = bytes.subspan(tag_bytes, content);
  type_ = tag.type;
  if (!deflated_) return;
  if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  stream_.next_in = const_cast<Bytef*>(stored_.data());
  stream_.avail_in = static_cast<uInt>(stored_.size());  // sizes have 32 bits
  try {
    type_ = read_tag().type;
  } catch (...) {
    inflateEnd(&stream_);
    throw;
  }
}

MatElement::~MatElement() {
  if (deflated_) inflateEnd(&stream_);
}

uint64_t MatElement::most_bytes() const {
  return deflated_ ? stored_.size() * best_deflate_ratio : stored_.size();
}

void MatElement::read_raw(std::span<uint8_t> out) {
  if (!deflated_) {
    if (out.size() > stored_.size()) fail_corrupt("a whole array", "the end of its element", file_);
    std::copy_n(stored_.begin(), out.size(), out.begin());
    stored_ = stored_.subspan(out.size());
    return;
  }
  while (!out.empty()) {
    constexpr size_t most = std::numeric_limits<uInt>::max();
    const size_t wanted = std::min(out.size(), most);
    stream_.next_out = out.data();
    stream_.avail_out = static_cast<uInt>(wanted);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    const size_t got = wanted - stream_.avail_out;
    if (got < wanted && code != Z_OK)
      fail_corrupt("a whole deflated array",
                   code == Z_DATA_ERROR ? "damaged data" : "the end of its element", file_);
    out = out.subspan(got);
  }
}

MatTag MatElement::read_tag() {
  std::array<uint8_t, tag_bytes> raw{};
  read_raw(raw);
  const MatTag tag = parse_tag(raw.data());
  if (tag.is_small && tag.size > tag.small.size())
    fail_corrupt("at most 4 bytes in a tag", tag.size, file_);
  return tag;
}

MatTag MatElement::expect_tag(MatType type, uint64_t least, uint64_t most) {
  const MatTag tag = read_tag();
  if (tag.type != type || tag.size < least || tag.size > most)
    fail_corrupt(text("a part of type ", static_cast<uint32_t>(type), " and ", least, " to ", most,
                      " bytes"),
                 text("type ", static_cast<uint32_t>(tag.type), " and ", tag.size, " bytes"),
                 file_);
  return tag;
}

void MatElement::read(const MatTag& tag, std::span<uint8_t> out) {
  if (tag.is_small) {
    std::copy_n(tag.small.begin(), out.size(), out.begin());
    return;
  }
  read_raw(out);
  std::array<uint8_t, 8> padding{};
  read_raw(std::span(padding).first(padding_after(tag.size)));
}

void MatElement::expect_end() {
  if (!deflated_) {
    if (!stored_.empty()) fail_corrupt("the end of an array", "more bytes", file_);
    return;
  }
  uint8_t more = 0;
  stream_.next_out = &more;
  stream_.avail_out = 1;
  const int code = inflate(&stream_, Z_FINISH);  // compares the checksum too
  if (code != Z_STREAM_END || stream_.avail_out == 0)
    fail_corrupt("the end of a deflated array", "damaged data, or more of it", file_);
}

}  // namespace submask
