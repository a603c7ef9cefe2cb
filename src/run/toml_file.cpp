#include "run/toml_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/fail.h"
#include "base/text_lines.h"

namespace submask {

void fail_toml(const std::string& expected, const std::string& got, const std::string& place) {
  fail_corrupt(expected, got, place);
}

namespace {

// Reads pipes too, as a shell's <(command).
std::string read_toml(const std::string& path) {
  constexpr size_t longest = size_t{64} << 20;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) fail_toml("a TOML file", "a folder", path);
  std::ifstream file(path, std::ios::binary);
  if (!file) fail(ErrorKind::io, "cannot open ", path, ": ", std::strerror(errno));
  std::string content;
  char block[65536];
  while (content.size() <= longest && (file.read(block, sizeof block), file.gcount() > 0))
    content.append(block, static_cast<size_t>(file.gcount()));
  if (content.size() > longest) fail_toml("a TOML file of at most 64 MiB", "more", path);
  return content;
}

std::string line_of(const std::string& path, int64_t line) { return text(path, ", line ", line); }

// toml++ visits the tables of a dotted key by recursion and would run out of stack.
void check_key_depth(const std::string& content, const std::string& path) {
  constexpr int64_t most_dots = 100;
  visit_lines(content, [&](std::string_view line, int64_t number) {
    const std::string_view key = line.substr(0, line.find_first_of("=\"'#"));
    if (std::count(key.begin(), key.end(), '.') > most_dots)
      fail_toml(text("keys of at most ", most_dots, " parts"), "more", line_of(path, number));
  });
}

}  // namespace

toml::table parse_toml(const std::string& path) {
  const std::string content = read_toml(path);
  check_key_depth(content, path);
  try {
    return toml::parse(content, path);
  } catch (const toml::parse_error& error) {
    fail_toml("TOML", std::string(error.description()), line_of(path, error.source().begin.line));
  }
}

std::string place_of(const toml::node& node, const std::string& path) {
  return line_of(path, node.source().begin.line);
}

OptionPlaces places_of(const toml::table& table, const std::string& path) {
  OptionPlaces places;
  for (const auto& [key, node] : table) places[std::string(key.str())] = place_of(node, path);
  return places;
}

std::string toml_text(const toml::node& node, const std::string& key, const std::string& path) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  if (const auto flag = node.value_exact<bool>()) return *flag ? "true" : "false";
  if (const auto integer = node.value_exact<int64_t>()) return std::to_string(*integer);
  if (const auto number = node.value_exact<double>()) {
    char digits[32];  // to_chars() writes the fewest digits that give the same number
    return {digits, std::to_chars(std::begin(digits), std::end(digits), *number).ptr};
  }
  fail_toml("a text, number, true, false or list for " + key, "another value",
            place_of(node, path));
}

namespace {

// One word FIELD=VALUE,... for each [[crop]] table.
Words crop_words(const toml::array& crops, const std::string& path) {
  Words words;
  for (const toml::node& crop : crops) {
    std::string fields;
    for (const auto& [field, node] : *crop.as_table()) {
      const std::string name(field.str());
      fields += (fields.empty() ? "" : ",") + name + "=" + toml_text(node, name, path);
    }
    words.push_back(fields);
  }
  return words;
}

Words words_of(const toml::node& node, const std::string& key, const std::string& path) {
  const toml::array* list = node.as_array();
  if (list == nullptr) return {toml_text(node, key, path)};
  Words words;
  for (const toml::node& item : *list) words.push_back(toml_text(item, key, path));
  return words;
}

}  // namespace

Assignments read_assignments(const toml::table& table, const std::string& skipped_key,
                             const std::string& path) {
  Assignments assignments;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (!skipped_key.empty() && name == skipped_key) continue;
    if (name == "crop" && node.is_array_of_tables()) {
      assignments.emplace_back(name, crop_words(*node.as_array(), path));
      continue;
    }
    if (node.is_table() || node.is_array_of_tables())
      fail_toml("options as key = value", "a table, " + name, place_of(node, path));
    if (name == "config")
      fail_toml("options", "config: one file does not name another", place_of(node, path));
    assignments.emplace_back(name, words_of(node, name, path));
  }
  return assignments;
}

Assignments overridden(const Assignments& base, const Assignments& overrides) {
  Assignments result;
  for (const auto& assignment : base)
    if (std::none_of(overrides.begin(), overrides.end(),
                     [&](const auto& each) { return each.first == assignment.first; }))
      result.push_back(assignment);
  result.insert(result.end(), overrides.begin(), overrides.end());
  return result;
}

}  // namespace submask
