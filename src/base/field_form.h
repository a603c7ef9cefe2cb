// How the values of settings are read from words, written as words and as JSON, by their type:
// bool, whole numbers, double, text, enumerations with names (base/names.h), and std::optional and
// std::vector of these. A type of its own gives its WordForm.
//
// The word "default", and of a text an empty one, takes a value back where a field may have none.
#pragma once

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/names.h"

namespace submask {

using RecordJson = nlohmann::json;
using Words = std::vector<std::string>;
// Options by their long names, each with its words.
using Assignments = std::vector<std::pair<std::string, Words>>;

constexpr const char* default_word = "default";

// What is computed from numbers is float32, so no number may be beyond it.
constexpr double most_of_float32 = std::numeric_limits<float>::max();

// The numbers that a field may have.
struct Range {
  double least = -most_of_float32;
  double most = most_of_float32;
  bool above_least = false;  // least itself is too little
  bool below_most = false;   // most itself is too much
  int64_t count = 0;         // of a list: so many numbers; 0: any
};
constexpr Range at_least(double least) { return {.least = least}; }
constexpr Range above(double least) { return {.least = least, .above_least = true}; }
constexpr Range within(double least, double most) { return {.least = least, .most = most}; }
constexpr Range positive_share() { return {.least = 0, .most = 1, .above_least = true}; }
constexpr Range share_below_one() { return {.least = 0, .most = 1, .below_most = true}; }
// A number that scores and weights are multiplied with: the product of two stays within float32.
constexpr Range factor() { return {.least = 0, .most = 1e18}; }
constexpr Range pair_of_numbers() { return {.count = 2}; }

struct FieldShape {
  std::string type_name;             // for help: "INT", "FLOAT", "TEXT", "true|false"
  std::vector<std::string> choices;  // all there are; empty where any word may do
  bool is_flag = false;              // of a bool: true where it stands without a value
  bool is_list = false;              // may be given several times
  bool may_be_default = false;
};

std::string record_key(std::string name);  // '_' for '-'
Words words_or_default(const Words& words);

// Throws invalid_argument for several words where one is meant, or none.
void check_words(const std::string& name, const FieldShape& shape, const Words& words);

int64_t read_whole(const std::string& name, const std::string& word, const Range& range);
double read_number(const std::string& name, const std::string& word, const Range& range);
bool read_bool(const std::string& name, const std::string& word);
std::string number_text(double number);  // the shortest that reads back as the same

// One value by one word: shape(range), read(name, word, range), write(value), json(value).
template <typename T>
struct WordForm;

template <>
struct WordForm<bool> {
  static FieldShape shape(const Range&) {
    return {.type_name = "BOOL", .choices = {"true", "false"}};
  }
  static bool read(const std::string& name, const std::string& word, const Range&) {
    return read_bool(name, word);
  }
  static std::string write(bool value) { return value ? "true" : "false"; }
  static RecordJson json(bool value) { return value; }
};

template <std::integral T>
requires(!std::is_same_v<T, bool>) struct WordForm<T> {
  static FieldShape shape(const Range&) { return {.type_name = "INT", .choices = {}}; }
  static T read(const std::string& name, const std::string& word, const Range& range) {
    return static_cast<T>(read_whole(name, word, range));
  }
  static std::string write(T value) { return std::to_string(value); }
  static RecordJson json(T value) { return value; }
};

template <>
struct WordForm<double> {
  static FieldShape shape(const Range&) { return {.type_name = "FLOAT", .choices = {}}; }
  static double read(const std::string& name, const std::string& word, const Range& range) {
    return read_number(name, word, range);
  }
  static std::string write(double value) { return number_text(value); }
  static RecordJson json(double value) { return value; }
};

template <>
struct WordForm<std::string> {
  static FieldShape shape(const Range&) { return {.type_name = "TEXT", .choices = {}}; }
  static std::string read(const std::string&, const std::string& word, const Range&) {
    return word;
  }
  static std::string write(const std::string& value) { return value; }
  static RecordJson json(const std::string& value) { return value; }
};

template <Named E>
struct WordForm<E> {
  static FieldShape shape(const Range&) { return {.type_name = "NAME", .choices = all_names<E>()}; }
  static E read(const std::string& name, const std::string& word, const Range&) {
    return value_named<E>(word, "a value of --" + name);
  }
  static std::string write(E value) { return name_of(value); }
  static RecordJson json(E value) { return name_of(value); }
};

// A whole field: read(name, words, range), write(value) -> words, json(value).
template <typename T>
struct FieldForm {
  static FieldShape shape(const Range& range) { return WordForm<T>::shape(range); }
  static T read(const std::string& name, const Words& words, const Range& range) {
    return WordForm<T>::read(name, words.front(), range);
  }
  static Words write(const T& value) { return {WordForm<T>::write(value)}; }
  static RecordJson json(const T& value) { return WordForm<T>::json(value); }
};

template <typename T>
struct FieldForm<std::optional<T>> {
  static FieldShape shape(const Range& range) {
    FieldShape shape = FieldForm<T>::shape(range);
    shape.may_be_default = true;
    return shape;
  }
  static std::optional<T> read(const std::string& name, const Words& words, const Range& range) {
    if (words == Words{default_word}) return std::nullopt;
    if constexpr (std::is_same_v<T, std::string>)
      if (words == Words{""}) return std::nullopt;
    return FieldForm<T>::read(name, words, range);
  }
  static Words write(const std::optional<T>& value) {
    return value ? FieldForm<T>::write(*value) : Words{};
  }
  static RecordJson json(const std::optional<T>& value) {
    return value ? FieldForm<T>::json(*value) : RecordJson();
  }
};

template <typename T>
struct FieldForm<std::vector<T>> {
  static FieldShape shape(const Range& range) {
    FieldShape shape = WordForm<T>::shape(range);
    shape.is_list = true;
    return shape;
  }
  static std::vector<T> read(const std::string& name, const Words& words, const Range& range) {
    if (range.count > 0 && std::ssize(words) != range.count)
      fail_argument(text(range.count, " values of --", name), words.size());
    std::vector<T> values;
    for (const std::string& word : words) values.push_back(WordForm<T>::read(name, word, range));
    return values;
  }
  static Words write(const std::vector<T>& values) {
    Words words;
    for (const T& value : values) words.push_back(WordForm<T>::write(value));
    return words;
  }
  static RecordJson json(const std::vector<T>& values) {
    RecordJson list = RecordJson::array();
    for (const T& value : values) list.push_back(WordForm<T>::json(value));
    return list;
  }
};

}  // namespace submask
