#include "base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace submask {

size_t utf8_length(std::string_view bytes) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(bytes[i]); };
  const uint8_t lead = bytes.empty() ? 0xFF : byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xC2 ? 0 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (length == 0 || lead > 0xF4 || length > bytes.size()) return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  const bool is_overlong = (lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xF0 && byte(1) < 0x90);
  const bool is_surrogate = lead == 0xED && byte(1) > 0x9F;
  const bool is_too_large = lead == 0xF4 && byte(1) > 0x8F;
  return is_overlong || is_surrogate || is_too_large ? 0 : length;
}

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::u32string decode_utf8(std::string_view bytes) {
  std::u32string text;
  while (!bytes.empty()) {
    const size_t length = utf8_length(bytes);
    const auto lead = static_cast<uint8_t>(bytes.front());
    char32_t code = length < 2 ? lead : lead & (0x7FU >> length);
    for (size_t i = 1; i < length; ++i) code = code << 6 | (static_cast<uint8_t>(bytes[i]) & 0x3F);
    text += length == 0 ? U'\uFFFD' : code;
    bytes.remove_prefix(std::max<size_t>(length, 1));
  }
  return text;
}

std::string encode_utf8(std::u32string_view text) {
  std::string bytes;
  for (const char32_t code : text) {
    const auto tail = [&](int shift) { bytes += static_cast<char>(0x80 | (code >> shift & 0x3F)); };
    if (code < 0x80) {
      bytes += static_cast<char>(code);
      continue;
    }
    const int further = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    const auto mark = static_cast<uint8_t>(0xF0U << (3 - further));
    bytes += static_cast<char>(mark | code >> (6 * further));
    for (int shift = 6 * (further - 1); shift >= 0; shift -= 6) tail(shift);
  }
  return bytes;
}

}  // namespace submask
