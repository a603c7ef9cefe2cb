#include "base/field_form.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/fail.h"

namespace submask {
namespace {

// How messages name numbers of a type, and the largest of them.
template <typename Number>
struct Kind;
template <>
struct Kind<int64_t> {
  static constexpr const char *name = "a whole number", *most = "9223372036854775807";
};
template <>
struct Kind<double> {
  static constexpr const char *name = "a number", *most = "3.4028235e+38 (float32)";
};

// "a number of 0 to 1", "a whole number above 0". The largest number of the type, which users take
// for granted, is named to those who go beyond it.
template <typename Number>
std::string described(const Range& range, bool beyond_type) {
  const bool bounded_below = range.least > -most_of_float32;
  const bool bounded_above = range.most < most_of_float32;
  std::string numbers = Kind<Number>::name;
  if (bounded_below && bounded_above && !range.above_least && !range.below_most)
    return text(numbers, " of ", number_text(range.least), " to ", number_text(range.most));
  if (bounded_below)
    numbers += (range.above_least ? " above " : " of ") + number_text(range.least) +
               (range.above_least ? "" : " or more");
  const std::string joint = bounded_below ? " and " : " ";
  if (bounded_above)
    return numbers + joint + (range.below_most ? "below " : "at most ") + number_text(range.most);
  if (beyond_type)
    return numbers + (bounded_below ? " and at most " : " within +-") + Kind<Number>::most;
  return numbers;
}

// Numbers as people write them: ".5" and "+1" too.
template <typename Number>
Number read_in_range(const std::string& name, const std::string& word, const Range& range) {
  const char* begin = word.data() + (word.starts_with('+') ? 1 : 0);
  const char* end = word.data() + word.size();
  Number number{};
  const auto [stop, error] = std::from_chars(begin, end, number);
  const auto value = static_cast<double>(number);
  const bool beyond_type =
      stop == end && (error == std::errc::result_out_of_range ||
                      (std::isfinite(value) && std::abs(value) > most_of_float32));
  const bool fits = error == std::errc() && stop == end && std::isfinite(value) && !beyond_type &&
                    (range.below_most ? value < range.most : value <= range.most) &&
                    (range.above_least ? value > range.least : value >= range.least);
  if (!fits)
    fail_argument(described<Number>(range, beyond_type) + " for --" + name,
                  word.empty() ? "nothing" : word);
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
  return read_in_range<int64_t>(name, word, range);
}

double read_number(const std::string& name, const std::string& word, const Range& range) {
  return read_in_range<double>(name, word, range);
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
