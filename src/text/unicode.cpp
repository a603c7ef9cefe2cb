#include "text/unicode.h"

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <utf8proc.h>

#include "base/utf8.h"

namespace submask {
namespace {

utf8proc_category_t category_of(char32_t code) {
  return utf8proc_category(static_cast<utf8proc_int32_t>(code));
}

struct Range {
  char32_t first, last;
};

// Letters and numbers that came after Unicode 15, which Debian 12's utf8proc has: those of the
// `regex` package 2026.11.15, by which CLIP's tokenizer is held to its own.
constexpr Range newer_letters[] = {
    {0x558, 0x558},     {0x58B, 0x58C},     {0x88F, 0x88F},     {0xC5C, 0xC5C},
    {0xCDC, 0xCDC},     {0x1C89, 0x1C8A},   {0x208F, 0x208F},   {0x209D, 0x209F},
    {0xA7CB, 0xA7CF},   {0xA7D2, 0xA7D2},   {0xA7D4, 0xA7D4},   {0xA7DA, 0xA7DD},
    {0xA7E2, 0xA7E2},   {0xA7F1, 0xA7F1},   {0xAB6C, 0xAB6D},   {0x105C0, 0x105F3},
    {0x107BB, 0x107BF}, {0x10940, 0x10959}, {0x10D4A, 0x10D65}, {0x10D6F, 0x10D85},
    {0x10EC2, 0x10EC7}, {0x10ED9, 0x10EEE}, {0x11380, 0x11389}, {0x1138B, 0x1138B},
    {0x1138E, 0x1138E}, {0x11390, 0x113B5}, {0x113B7, 0x113B7}, {0x113D1, 0x113D1},
    {0x113D3, 0x113D3}, {0x11B0A, 0x11B0A}, {0x11BC0, 0x11BE0}, {0x11DB0, 0x11DDB},
    {0x11DF1, 0x11DF1}, {0x13460, 0x143FA}, {0x16100, 0x1611D}, {0x16D40, 0x16D6C},
    {0x16EA0, 0x16EB8}, {0x16EBB, 0x16ED3}, {0x16FF2, 0x16FF3}, {0x187F8, 0x187FF},
    {0x18CD6, 0x18CDA}, {0x18CFF, 0x18CFF}, {0x18D09, 0x18D20}, {0x18D80, 0x18DF2},
    {0x18E00, 0x19191}, {0x191A0, 0x191D2}, {0x1B123, 0x1B128}, {0x1B168, 0x1B168},
    {0x1D6A6, 0x1D6A6}, {0x1DF1F, 0x1DF24}, {0x1DF2B, 0x1DF81}, {0x1DF90, 0x1DF96},
    {0x1DFCD, 0x1DFFF}, {0x1E5D0, 0x1E5ED}, {0x1E5F0, 0x1E5F0}, {0x1E6C0, 0x1E6DE},
    {0x1E6E0, 0x1E6E2}, {0x1E6E4, 0x1E6E5}, {0x1E6E7, 0x1E6ED}, {0x1E6F0, 0x1E6F4},
    {0x1E6FE, 0x1E6FF}, {0x2B73A, 0x2B73F}, {0x2B81E, 0x2B81E}, {0x2CEA2, 0x2CEAD},
    {0x2EBF0, 0x2EE5D}, {0x323B0, 0x33479}, {0x3D000, 0x3FC3F}};
constexpr Range newer_numbers[] = {{0x10D40, 0x10D49}, {0x116D0, 0x116E3}, {0x11BF0, 0x11BF9},
                                   {0x11DE0, 0x11DE9}, {0x1246F, 0x1246F}, {0x12475, 0x1247F},
                                   {0x12550, 0x12686}, {0x16130, 0x16139}, {0x16D70, 0x16D79},
                                   {0x16FF4, 0x16FF6}, {0x1CCF0, 0x1CCF9}, {0x1E5F1, 0x1E5FA}};

template <size_t Count>
bool contains(const Range (&ranges)[Count], char32_t code) {
  return std::any_of(std::begin(ranges), std::end(ranges), [code](const Range& range) {
    return code >= range.first && code <= range.last;
  });
}

// Letters of either case, or what is used as one (Unicode 3.13, D135).
bool is_cased(char32_t code) {
  const auto number = static_cast<utf8proc_int32_t>(code);
  return category_of(code) == UTF8PROC_CATEGORY_LT || utf8proc_islower(number) != 0 ||
         utf8proc_isupper(number) != 0;
}

// What may stand between a letter and the end of its word (Unicode 3.13, D136).
bool is_case_ignorable(char32_t code) {
  static const std::u32string_view word_marks =
      U"'.:\u00B7\u0387\u055F\u05F4\u2018\u2019\u2024\u2027\uFE13\uFE52\uFE55\uFF07\uFF0E\uFF1A";
  switch (category_of(code)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return word_marks.find(code) != std::u32string_view::npos;
  }
}

// A sigma ends a word where a cased letter comes before it and none after it; accents and
// apostrophes between them do not matter (Unicode 3.13, Final_Sigma).
bool ends_word(std::u32string_view text, size_t position) {
  const std::u32string_view before = text.substr(0, position), after = text.substr(position + 1);
  const auto left = std::find_if_not(before.rbegin(), before.rend(), is_case_ignorable);
  const auto right = std::find_if_not(after.begin(), after.end(), is_case_ignorable);
  return left != before.rend() && is_cased(*left) && (right == after.end() || !is_cased(*right));
}

std::u32string normalised(std::u32string_view text, int options) {
  const std::string bytes = encode_utf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(bytes.data()),
                   static_cast<utf8proc_ssize_t>(bytes.size()), &mapped,
                   static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) return std::u32string(text);
  return decode_utf8({reinterpret_cast<const char*>(mapped), static_cast<size_t>(size)});
}

}  // namespace

bool is_letter(char32_t code) {
  const auto category = category_of(code);
  return (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) ||
         (category == UTF8PROC_CATEGORY_CN && contains(newer_letters, code));
}

bool is_number(char32_t code) {
  const auto category = category_of(code);
  return (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) ||
         (category == UTF8PROC_CATEGORY_CN && contains(newer_numbers, code));
}

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 ||
         code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

std::u32string lower_case(std::u32string_view text) {
  std::u32string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == U'\u03A3') {
      result += ends_word(text, i) ? U'\u03C2' : U'\u03C3';
    } else if (text[i] == U'\u0130') {
      result += U"i\u0307";
    } else {
      result += static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i])));
    }
  }
  return result;
}

std::u32string composed(std::u32string_view text) {
  return normalised(text, UTF8PROC_STABLE | UTF8PROC_COMPOSE);
}

std::u32string usual_width(std::u32string_view text) {
  std::u32string result;
  for (const char32_t code : text) {
    if (code == 0x3000)
      result += U' ';
    else if (code >= 0xFF01 && code < 0xFFEF)
      result += normalised({&code, 1}, UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT);
    else
      result += code;
  }
  return result;
}

}  // namespace submask
