#include "report/page/html_text.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/utf8.h"
#include "image/png_encode.h"
#include "image/resize.h"

namespace submask {
namespace {

constexpr char32_t replacement = 0xFFFD;

bool is_unprintable(char32_t code) {
  const bool control = code < 0x20 || (code >= 0x7F && code < 0xA0);
  const bool direction = (code >= 0x202A && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
  const bool none = (code >= 0xD800 && code < 0xE000) || (code & 0xFFFE) == 0xFFFE;
  return control || direction || none;
}

Image scaled_down(const Image& image, int longest) {
  const double factor = static_cast<double>(longest) / std::max(image.width, image.height);
  Image small;
  small.width = std::max(1, static_cast<int>(std::lround(image.width * factor)));
  small.height = std::max(1, static_cast<int>(std::lround(image.height * factor)));
  small.pixels.resize(size_t{3} * static_cast<size_t>(small.width) *
                      static_cast<size_t>(small.height));
  Resizer().resize(view_of(image), whole_axis(image.width, small.width),
                   whole_axis(image.height, small.height), Filter::bicubic, small.pixels);
  return small;
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string out;
  for (const char32_t code : decode_utf8(text)) {
    switch (code) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += encode_utf8(std::u32string(1, is_unprintable(code) ? replacement : code));
    }
  }
  return out;
}

std::string shortened(std::string_view text, size_t characters) {
  std::u32string codes = decode_utf8(text);
  if (codes.size() <= characters) return std::string(text);
  codes.resize(characters);
  codes.push_back(0x2026);
  return encode_utf8(codes);
}

std::string base64(Bytes bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    const size_t there = std::min<size_t>(3, bytes.size() - i);
    uint32_t group = 0;
    for (size_t j = 0; j < 3; ++j) group = group << 8 | (j < there ? bytes[i + j] : 0U);
    for (size_t j = 0; j < 4; ++j) out += j <= there ? digits[group >> (18 - 6 * j) & 63U] : '=';
  }
  return out;
}

std::string percent(double share) {
  if (std::isnan(share)) return "-";
  char out[32];
  std::snprintf(out, sizeof out, "%.1f%%", 100 * share);
  return out;
}

std::string png_data_uri(const Image& image, int longest) {
  const bool fits = std::max(image.width, image.height) <= longest;
  return "data:image/png;base64," + base64(encode_png(fits ? image : scaled_down(image, longest)));
}

}  // namespace submask
