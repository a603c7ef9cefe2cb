#include "text/clip_text_cleaning.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"
#include "text/html_unescape.h"
#include "text/unicode.h"

namespace submask {
namespace {

struct Ligature {
  char32_t code;
  const char32_t* letters;
};

constexpr std::array<Ligature, 22> ligatures{
    {{0x0132, U"IJ"},      {0x0133, U"ij"},      {0x0149, U"\u02BCn"}, {0x01C4, U"D\u017D"},
     {0x01C5, U"D\u017E"}, {0x01C6, U"d\u017E"}, {0x01C7, U"LJ"},      {0x01C8, U"Lj"},
     {0x01C9, U"lj"},      {0x01CA, U"NJ"},      {0x01CB, U"Nj"},      {0x01CC, U"nj"},
     {0x01F1, U"DZ"},      {0x01F2, U"Dz"},      {0x01F3, U"dz"},      {0xFB00, U"ff"},
     {0xFB01, U"fi"},      {0xFB02, U"fl"},      {0xFB03, U"ffi"},     {0xFB04, U"ffl"},
     {0xFB05, U"\u017Ft"}, {0xFB06, U"st"}}};

// The characters that replace one character, or the character itself.
std::u32string unligated(char32_t code) {
  const auto found = std::find_if(ligatures.begin(), ligatures.end(),
                                  [code](const Ligature& each) { return each.code == code; });
  return found == ligatures.end() ? std::u32string(1, code) : found->letters;
}

// C1 controls are bytes of Windows-1252 that were read as Latin-1. HTML gives their numbers the
// same meaning.
std::u32string from_windows(char32_t code) {
  if (code < 0x80 || code > 0x9F) return {code};
  const std::string reference = "&#" + std::to_string(static_cast<uint32_t>(code)) + ";";
  return html_unescape(decode_utf8(reference));
}

std::u32string straight_quote(char32_t code) {
  if (code == 0x02BC || (code >= 0x2018 && code <= 0x201B)) return U"'";
  return code >= 0x201C && code <= 0x201F ? U"\"" : std::u32string(1, code);
}

std::u32string unix_line_break(char32_t code) {
  return {code == U'\r' || code == 0x2028 || code == 0x2029 || code == 0x85 ? U'\n' : code};
}

// Control characters that draw nothing and break no line. C1 controls are replaced before.
std::u32string without_control(char32_t code) {
  const bool control = code <= 0x08 || code == 0x0B || (code >= 0x0E && code <= 0x1F) ||
                       code == 0x7F || (code >= 0x206A && code <= 0x206F) || code == 0xFEFF ||
                       (code >= 0xFFF9 && code <= 0xFFFC);
  return control ? std::u32string() : std::u32string(1, code);
}

template <typename Change>
std::u32string each(const std::u32string& text, const Change& change) {
  std::u32string result;
  for (const char32_t code : text) result += change(code);
  return result;
}

// Colours and cursor moves of a terminal: escape, '[', digits and semicolons, a letter.
std::u32string without_terminal_escapes(const std::u32string& text) {
  std::u32string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, 2, U"\u001B[") == 0) {
      const size_t end = text.find_first_not_of(U"0123456789;", i + 2);
      const char32_t last = end < text.size() ? text[end] | 0x20 : 0;
      if (last >= U'a' && last <= U'z') {
        i = end;
        continue;
      }
    }
    result += text[i];
  }
  return result;
}

// Repairs one line until nothing changes any more.
std::u32string fixed_line(std::u32string text, bool unescape) {
  for (std::u32string before;;) {
    before = text;
    if (unescape) text = html_unescape_sure(text);
    text = each(text, from_windows);
    text = each(text, unligated);
    text = usual_width(text);
    text = each(text, straight_quote);
    text = each(text, unix_line_break);
    text = without_terminal_escapes(text);
    text = each(text, without_control);
    text = composed(text);
    if (text == before) return text;
  }
}

// Works line by line. From the first '<' on, text counts as HTML and keeps its references here.
std::u32string fixed_text(const std::u32string& text) {
  std::u32string result;
  bool unescape = true;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find(U'\n', begin), text.size() - 1) + 1;
    const std::u32string line = text.substr(begin, end - begin);
    unescape = unescape && line.find(U'<') == std::u32string::npos;
    result += fixed_line(line, unescape);
    begin = end;
  }
  return result;
}

std::u32string single_spaced(const std::u32string& text) {
  std::u32string result;
  for (const char32_t code : text) {
    if (!is_space(code)) {
      result += code;
    } else if (!result.empty() && result.back() != U' ') {
      result += U' ';
    }
  }
  if (!result.empty() && result.back() == U' ') result.pop_back();
  return result;
}

}  // namespace

std::u32string clean_clip_text(std::string_view utf8) {
  const std::u32string text = html_unescape(html_unescape(fixed_text(decode_utf8(utf8))));
  return lower_case(single_spaced(text));
}

}  // namespace submask
