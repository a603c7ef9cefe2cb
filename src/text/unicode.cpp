#include "text/unicode.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "text/unicode_tables.h"

namespace submask {
namespace {

// Calls visit(first code, further fields) for each record of a table; visit returns the last code
// that the record covers.
template <typename Visit>
void for_each_record(std::string_view table, const Visit& visit) {
  char32_t next = 0;
  std::vector<int64_t> fields;
  for (const char* at = table.data(); at != table.data() + table.size();) {
    fields.clear();
    do {
      int64_t value = 0;
      at = std::from_chars(at, table.data() + table.size(), value, 16).ptr;
      fields.push_back(value);
    } while (*at++ == '.');
    const char32_t first = next + static_cast<char32_t>(fields.front());
    fields.erase(fields.begin());
    next = visit(first, fields) + 1;
  }
}

struct Range {
  char32_t first = 0;
  char32_t last = 0;
  int64_t value = 1;
};

class RangeTable {
 public:
  explicit RangeTable(std::string_view table) {
    for_each_record(table, [this](char32_t first, const std::vector<int64_t>& fields) {
      const char32_t last = first + static_cast<char32_t>(fields[0]);
      ranges_.push_back({first, last, fields.size() > 1 ? fields[1] : 1});
      return last;
    });
  }

  int64_t value(char32_t code) const {  // 0 outside the ranges
    const auto after = std::upper_bound(ranges_.begin(), ranges_.end(), code,
                                        [](char32_t c, const Range& r) { return c < r.first; });
    return after != ranges_.begin() && code <= (after - 1)->last ? (after - 1)->value : 0;
  }

 private:
  std::vector<Range> ranges_;
};

using CodeMap = std::unordered_map<char32_t, std::u32string>;

CodeMap read_code_map(std::string_view table) {
  CodeMap map;
  for_each_record(table, [&](char32_t code, const std::vector<int64_t>& fields) {
    map[code].assign(fields.begin(), fields.end());
    return code;
  });
  return map;
}

std::unordered_map<char32_t, char32_t> read_lower_cases() {
  std::unordered_map<char32_t, char32_t> lower;
  for_each_record(lower_table, [&](char32_t first, const std::vector<int64_t>& fields) {
    char32_t code = first;
    for (int64_t step = 0;; ++step, code += static_cast<char32_t>(fields[1])) {
      lower[code] = static_cast<char32_t>(static_cast<int64_t>(code) + fields[2]);
      if (step == fields[0]) return code;
    }
  });
  return lower;
}

// A sigma ends a word where a cased letter comes before it and none after it; accents and
// apostrophes between them do not matter (Unicode 3.13, Final_Sigma).
bool ends_word(std::u32string_view text, size_t position) {
  static const RangeTable cased(cased_table), ignorable(case_ignorable_table);
  const auto skip = [](char32_t code) { return ignorable.value(code) != 0; };
  const std::u32string_view before = text.substr(0, position), after = text.substr(position + 1);
  const auto left = std::find_if_not(before.rbegin(), before.rend(), skip);
  const auto right = std::find_if_not(after.begin(), after.end(), skip);
  return left != before.rend() && cased.value(*left) != 0 &&
         (right == after.end() || cased.value(*right) == 0);
}

// Hangul syllables are composed of their parts by arithmetic (Unicode 3.12).
constexpr char32_t syllable_base = 0xAC00, lead_base = 0x1100, vowel_base = 0x1161,
                   tail_base = 0x11A7;
constexpr char32_t leads = 19, vowels = 21, tails = 28;

void append_decomposed(char32_t code, std::u32string& out) {
  static const CodeMap decompositions = read_code_map(decomposition_table);
  if (code - syllable_base < leads * vowels * tails) {
    const char32_t index = code - syllable_base;
    out += lead_base + index / (vowels * tails);
    out += vowel_base + index / tails % vowels;
    if (index % tails != 0) out += tail_base + index % tails;
    return;
  }
  const auto found = decompositions.find(code);
  if (found == decompositions.end()) {
    out += code;
    return;
  }
  for (const char32_t part : found->second) append_decomposed(part, out);
}

std::map<std::u32string, char32_t> read_compositions() {
  const CodeMap never = read_code_map(never_composed_table);
  std::map<std::u32string, char32_t> pairs;
  for (const auto& [code, parts] : read_code_map(decomposition_table))
    if (parts.size() == 2 && !never.contains(code)) pairs[parts] = code;
  return pairs;
}

// The character that two characters compose, or 0.
char32_t composition(char32_t first, char32_t second) {
  static const std::map<std::u32string, char32_t> pairs = read_compositions();
  if (first - lead_base < leads && second - vowel_base < vowels)
    return syllable_base + ((first - lead_base) * vowels + second - vowel_base) * tails;
  const char32_t index = first - syllable_base;
  if (index < leads * vowels * tails && index % tails == 0 && second - tail_base - 1 < tails - 1)
    return first + second - tail_base;
  const auto found = pairs.find({first, second});
  return found == pairs.end() ? 0 : found->second;
}

int64_t combining_class(char32_t code) {
  static const RangeTable classes(combining_class_table);
  return classes.value(code);
}

}  // namespace

bool is_letter(char32_t code) {
  static const RangeTable letters(letter_table);
  return letters.value(code) != 0;
}

bool is_number(char32_t code) {
  static const RangeTable numbers(number_table);
  return numbers.value(code) != 0;
}

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || (code >= 0x1C && code <= 0x20) || code == 0x85 ||
         code == 0xA0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200A) || code == 0x2028 ||
         code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

std::u32string lower_case(std::u32string_view text) {
  static const auto lower = read_lower_cases();
  std::u32string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto found = lower.find(text[i]);
    if (text[i] == U'\u03A3') {
      result += ends_word(text, i) ? U'\u03C2' : U'\u03C3';
    } else if (text[i] == U'\u0130') {
      result += U"i\u0307";
    } else {
      result += found == lower.end() ? text[i] : found->second;
    }
  }
  return result;
}

// 1. Every character is decomposed. 2. The marks on one letter are sorted by class. 3. A mark is
// composed with the letter where the two have a code together and no mark of the same or a higher
// class lies between them.
std::u32string composed(std::u32string_view text) {
  std::u32string parts;
  for (const char32_t code : text) append_decomposed(code, parts);
  for (auto begin = parts.begin(); begin != parts.end();) {
    const auto is_starter = [](char32_t code) { return combining_class(code) == 0; };
    begin = std::find_if_not(begin, parts.end(), is_starter);
    const auto end = std::find_if(begin, parts.end(), is_starter);
    std::stable_sort(
        begin, end, [](char32_t a, char32_t b) { return combining_class(a) < combining_class(b); });
    begin = end;
  }
  std::u32string result;
  size_t starter = std::u32string::npos;
  int64_t last_class = 0;
  for (const char32_t code : parts) {
    const int64_t own_class = combining_class(code);
    const bool adjacent = starter != std::u32string::npos && starter + 1 == result.size();
    const bool reaches = starter != std::u32string::npos && (adjacent || last_class < own_class);
    const char32_t joined = reaches ? composition(result[starter], code) : 0;
    if (joined != 0) {
      result[starter] = joined;
      continue;
    }
    if (own_class == 0) starter = result.size();
    last_class = own_class;
    result += code;
  }
  return result;
}

std::u32string usual_width(std::u32string_view text) {
  static const CodeMap widths = read_code_map(width_table);
  std::u32string result;
  for (const char32_t code : text) {
    const auto found = widths.find(code);
    result += found == widths.end() ? std::u32string(1, code) : found->second;
  }
  return result;
}

}  // namespace submask
