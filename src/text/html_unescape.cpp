#include "text/html_unescape.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <unordered_map>

namespace submask {
namespace {

struct Entity {
  std::u32string characters;
  std::optional<std::u32string> capitalised;
  bool semicolon = true;  // needed
};

std::u32string read_codes(std::string_view codes) {
  std::u32string characters;
  for (const char* at = codes.data(); at < codes.data() + codes.size(); ++at) {
    uint32_t code = 0;
    at = std::from_chars(at, codes.data() + codes.size(), code, 16).ptr;
    characters += static_cast<char32_t>(code);
  }
  return characters;
}

using Entities = std::unordered_map<std::string, Entity>;

const Entities& entities() {
  static const Entities all = [] {
    Entities read;
    std::string_view rest = html_entity_table;
    while (!rest.empty()) {
      const std::string_view record = rest.substr(0, rest.find(' '));
      rest.remove_prefix(record.size() + 1);
      const size_t mark = record.find_first_of(":!"), capital = record.find('^');
      Entity& entity = read[std::string(record.substr(0, mark))];
      entity.semicolon = record[mark] == ':';
      entity.characters = read_codes(record.substr(mark + 1, capital - mark - 1));
      if (capital == std::string_view::npos) continue;
      const std::u32string other = read_codes(record.substr(capital + 1));
      entity.capitalised = other.empty() ? entity.characters : other;
    }
    return read;
  }();
  return all;
}

bool is_digit(char32_t code) { return code >= U'0' && code <= U'9'; }
bool is_small(char32_t code) { return code >= U'a' && code <= U'z'; }
bool is_capital(char32_t code) { return code >= U'A' && code <= U'Z'; }

int digit_value(char32_t code) {  // 16: none
  if (is_digit(code)) return static_cast<int>(code - U'0');
  if (code >= U'a' && code <= U'f') return static_cast<int>(code - U'a') + 10;
  return code >= U'A' && code <= U'F' ? static_cast<int>(code - U'A') + 10 : 16;
}

// The character of a number in HTML5, which reads 128 to 159 as Windows-1252.
std::u32string numbered(uint32_t number) {
  constexpr char32_t windows[32] = {0x20AC, 0x81,   0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D,   0x017D, 0x8F,
                                    0x90,   0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                    0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D,   0x017E, 0x0178};
  if (number >= 0x80 && number < 0xA0) return {windows[number - 0x80]};
  if (number == 0 || number > 0x10FFFF || (number >= 0xD800 && number <= 0xDFFF))
    return {U'\uFFFD'};
  const bool control =
      number < 0x20 && number != '\t' && number != '\n' && number != '\f' && number != '\r';
  const bool no_character = (number >= 0xFDD0 && number <= 0xFDEF) || (number & 0xFFFE) == 0xFFFE;
  if (control || number == 0x7F || no_character) return {};
  return {static_cast<char32_t>(number)};
}

struct Reference {
  size_t length = 0;  // of the reference in the text; 0: there is none
  std::u32string meaning;
};

// `text` after "&#".
Reference read_number(std::u32string_view text) {
  const bool hex = !text.empty() && (text[0] == U'x' || text[0] == U'X');
  const int base = hex ? 16 : 10;
  size_t end = hex ? 1 : 0;
  const size_t begin = end;
  uint32_t number = 0;
  for (; end < text.size() && digit_value(text[end]) < base; ++end)
    number = std::min<uint32_t>(
        number * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit_value(text[end])),
        0x110000);
  if (end == begin) return {};
  if (end < text.size() && text[end] == U';') ++end;
  return {end, numbered(number)};
}

std::string ascii(std::u32string_view text) {
  std::string result;
  for (const char32_t code : text) result += code < 0x80 ? static_cast<char>(code) : '\x7F';
  return result;
}

// `text` after "&".
Reference read_name(std::u32string_view text) {
  constexpr size_t longest = 32;
  size_t end = text.substr(0, longest).find_first_of(U"\t\n\f <&#;");
  end = std::min({end, text.size(), longest});
  const std::string name = ascii(text.substr(0, end));
  const auto whole = entities().find(name);
  const bool closed = end < text.size() && text[end] == U';';
  if (closed && whole != entities().end()) return {end + 1, whole->second.characters};
  for (size_t length = name.size(); length > 1; --length) {
    const auto found = entities().find(name.substr(0, length));
    if (found != entities().end() && !found->second.semicolon)
      return {length, found->second.characters};
  }
  return {};
}

template <typename Read>
std::u32string replace_references(std::u32string_view text, const Read& read) {
  std::u32string result;
  for (size_t i = 0; i < text.size();) {
    const Reference reference = text[i] == U'&' ? read(text.substr(i + 1)) : Reference{};
    result += reference.length > 0 ? reference.meaning : std::u32string(1, text[i]);
    i += 1 + reference.length;
  }
  return result;
}

Reference read_sure(std::u32string_view text) {
  constexpr size_t longest = 24;
  const bool number = !text.empty() && text[0] == U'#';
  const std::u32string_view name = text.substr(number ? 1 : 0);
  size_t end = 0;
  const auto is_name = [](char32_t c) { return is_digit(c) || is_small(c) || is_capital(c); };
  while (end < name.size() && is_name(name[end])) ++end;
  if (end == 0 || end > longest || end == name.size() || name[end] != U';') return {};
  if (number) {
    Reference reference = read_number(name);
    reference.length = reference.length == end + 1 ? reference.length + 1 : 0;
    return reference.meaning == U";" ? Reference{} : reference;
  }
  std::string key = ascii(name.substr(0, end));
  if (const auto found = entities().find(key); found != entities().end())
    return {end + 1, found->second.characters};
  if (std::any_of(key.begin(), key.end(), [](char c) { return c >= 'a' && c <= 'z'; })) return {};
  for (char& c : key) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
  const auto found = entities().find(key);
  if (found == entities().end() || !found->second.capitalised) return {};
  return {end + 1, *found->second.capitalised};
}

}  // namespace

std::u32string html_unescape(std::u32string_view text) {
  return replace_references(text, [](std::u32string_view rest) {
    if (rest.empty() || rest[0] != U'#') return read_name(rest);
    Reference reference = read_number(rest.substr(1));
    if (reference.length > 0) ++reference.length;
    return reference;
  });
}

std::u32string html_unescape_sure(std::u32string_view text) {
  return replace_references(text, read_sure);
}

}  // namespace submask
