#include "base/field_form.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/fail.h"

namespace submask {
namespace {

// "a number of 0 to 1", "a whole number above 0"
std::string described(const Range& range, const char* kind) {
  const bool bounded_below = std::isfinite(range.least), bounded_above = std::isfinite(range.most);
  if (bounded_below && bounded_above)
    return text(kind, ' ', range.above_least ? "above " : "of ", number_text(range.least),
                range.above_least ? " and at most " : " to ", number_text(range.most));
  if (bounded_below && range.above_least) return text(kind, " above ", number_text(range.least));
  if (bounded_below) return text(kind, " of ", number_text(range.least), " or more");
  return kind;
}

// Numbers as people write them: ".5" and "+1" too.
template <typename Number>
Number read_in_range(const std::string& name, const std::string& word, const Range& range,
                     const char* kind) {
  const char* begin = word.data() + (word.starts_with('+') ? 1 : 0);
  const char* end = word.data() + word.size();
  Number number{};
  const auto [stop, error] = std::from_chars(begin, end, number);
  const auto value = static_cast<double>(number);
  const bool fits = error == std::errc() && stop == end && std::isfinite(value) &&
                    value <= range.most &&
                    (range.above_least ? value > range.least : value >= range.least);
  if (!fits)
    fail_argument(described(range, kind) + " for --" + name, word.empty() ? "nothing" : word);
  return number + Number{};  // 0 for -0, which would be another setting
}

}  // namespace

std::string record_key(std::string name) {
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

Words words_or_default(const Words& words) { return words.empty() ? Words{default_word} : words; }

void check_words(const std::string& name, const FieldShape& shape, const Words& words) {
  if (words.empty() && !shape.is_list) fail_argument("a value of --" + name, "none");
  if (words.size() > 1 && !shape.is_list) fail_argument("one value of --" + name, words.size());
}

int64_t read_whole(const std::string& name, const std::string& word, const Range& range) {
  return read_in_range<int64_t>(name, word, range, "a whole number");
}

double read_number(const std::string& name, const std::string& word, const Range& range) {
  return read_in_range<double>(name, word, range, "a number");
}

bool read_bool(const std::string& name, const std::string& word) {
  for (const char* yes : {"true", "1", "yes", "on"})
    if (word == yes) return true;
  for (const char* no : {"false", "0", "no", "off"})
    if (word == no) return false;
  fail_argument("true or false for --" + name, word.empty() ? "nothing" : word);
}

std::string number_text(double number) {
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

}  // namespace submask
