#include "data/format/tar_directory.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include "base/fail.h"
#include "base/parse_number.h"

namespace submask {
namespace {

constexpr uint64_t block_bytes = 512;
constexpr uint64_t longest_name = 64 << 10;  // of an extended header, too

std::string_view field(Bytes header, size_t begin, size_t length) {
  const std::string_view whole = as_text(header.subspan(begin, length));
  return whole.substr(0, whole.find('\0'));
}

// A number in octal digits between blanks or, where the first bit is set, in binary (big-endian).
std::optional<uint64_t> number(Bytes header, size_t begin, size_t length) {
  if ((header[begin] & 0x80) != 0) {
    uint64_t value = header[begin] & 0x7F;
    for (size_t i = 1; i < length; ++i) {
      if (value >> 56 != 0) return std::nullopt;
      value = value << 8 | header[begin + i];
    }
    return value;
  }
  std::string_view digits = field(header, begin, length);
  while (digits.starts_with(' ')) digits.remove_prefix(1);
  while (digits.ends_with(' ')) digits.remove_suffix(1);
  return parse_number<uint64_t>(digits, /*base=*/8);
}

bool is_zero(Bytes block) {
  return std::all_of(block.begin(), block.end(), [](uint8_t byte) { return byte == 0; });
}

// The sum of a header's bytes, where the eight bytes of the sum itself count as blanks.
uint64_t header_sum(Bytes header) {
  constexpr size_t sum_begin = 148, sum_end = 156;
  uint64_t sum = 0;
  for (size_t i = 0; i < header.size(); ++i)
    sum += i >= sum_begin && i < sum_end ? uint64_t{' '} : header[i];
  return sum;
}

std::string header_name(Bytes header) {
  const std::string name(field(header, 0, 100));
  const bool is_ustar = field(header, 257, 5) == "ustar" && header[262] == 0;
  const std::string prefix(is_ustar ? field(header, 345, 155) : "");
  return prefix.empty() ? name : prefix + "/" + name;
}

// What an extended header says about the next file; it replaces what that file's header says.
struct Extension {
  std::optional<std::string> name;
  std::optional<uint64_t> size;
};

class TarReader {
 public:
  TarReader(Bytes bytes, const std::string& file)
      : rest_(bytes), size_(bytes.size()), file_(file) {}

  std::vector<TarEntry> read() {
    std::vector<TarEntry> entries;
    Extension extension;
    for (;;) {
      const Bytes header = take(block_bytes);
      if (is_zero(header)) return entries;
      if (number(header, 148, 8) != header_sum(header))
        fail_corrupt("a tar header with its sum right", text("another at byte ", at(header)),
                     file_);
      const auto size = extension.size ? extension.size : number(header, 124, 12);
      if (!size) fail_corrupt("a file's size", text("none at byte ", at(header) + 124), file_);
      const uint64_t offset = size_ - rest_.size();
      const Bytes content = take(*size);
      take(std::min<uint64_t>((block_bytes - *size % block_bytes) % block_bytes, rest_.size()));
      const char type = static_cast<char>(header[156]);
      if (type == 'L' || type == 'x') {
        if (*size > longest_name)
          fail_corrupt(text("names of at most ", longest_name, " bytes"), *size, file_);
        if (type == 'L')
          extension.name = std::string(field(content, 0, content.size()));
        else
          read_pax(content, extension);
        continue;
      }
      if (type == '0' || type == '\0')
        entries.push_back(
            {extension.name ? *std::move(extension.name) : header_name(header), offset, *size});
      if (type != 'g') extension = {};
    }
  }

 private:
  uint64_t at(Bytes part) const { return size_ - rest_.size() - part.size(); }

  Bytes take(uint64_t count) {
    if (count > rest_.size())
      fail_corrupt("a whole tar archive",
                   text("one cut off: ", count, " bytes wanted at byte ", size_ - rest_.size(),
                        " of ", size_),
                   file_);
    const Bytes taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  // Records of "LENGTH KEY=VALUE\n", where the length is that of the whole record.
  void read_pax(Bytes content, Extension& extension) const {
    std::string_view rest = as_text(content);
    const auto fail_pax = [&] {
      fail_corrupt("pax records of LENGTH KEY=VALUE", "other text", file_);
    };
    while (!rest.empty()) {
      size_t length = 0;
      const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), length);
      const auto digits = static_cast<size_t>(end - rest.data());
      if (error != std::errc() || length <= digits + 1 || length > rest.size() ||
          rest[digits] != ' ' || rest[length - 1] != '\n')
        fail_pax();
      const std::string_view record = rest.substr(digits + 1, length - digits - 2);
      const size_t equals = record.find('=');
      if (equals == std::string_view::npos) fail_pax();
      const std::string_view key = record.substr(0, equals), value = record.substr(equals + 1);
      if (key == "path") extension.name = std::string(value);
      if (key == "size") {
        extension.size = parse_number<uint64_t>(value);
        if (!extension.size) fail_pax();
      }
      rest.remove_prefix(length);
    }
  }

  Bytes rest_;
  uint64_t size_;
  const std::string& file_;
};

}  // namespace

std::vector<TarEntry> read_tar_directory(Bytes bytes, const std::string& file) {
  return TarReader(bytes, file).read();
}

}  // namespace submask
