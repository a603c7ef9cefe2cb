// Images that users name by their classes, or by a file of their numbers.
#include <algorithm>
#include <string_view>

#include "base/fail.h"
#include "base/file.h"
#include "base/name_list.h"
#include "base/nearest_name.h"
#include "base/parse_number.h"
#include "base/text_lines.h"
#include "data/set/choose_images.h"

namespace submask {
namespace {

std::string_view trim(std::string_view text) {
  constexpr const char* blanks = " \t\r";
  const size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

// Takes the name in double quotes off the front of `rest`; returns nothing where the quotes do not
// end. A double quote inside the name is doubled.
std::optional<std::string> take_quoted(std::string_view& rest) {
  std::string name;
  for (size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"' && !rest.substr(i + 1).starts_with('"')) {
      rest = trim(rest.substr(i + 1));
      return name;
    }
    if (rest[i] == '"') ++i;
    name += rest[i];
  }
  return std::nullopt;
}

// Takes the first name, and its comma, off the front of `rest`, names with commas between them.
std::string take_name(std::string_view& rest, const std::string& all) {
  rest = trim(rest);
  std::optional<std::string> name;
  if (rest.starts_with('"')) {
    name = take_quoted(rest);
  } else {
    const size_t comma = std::min(rest.find(','), rest.size());
    name = trim(rest.substr(0, comma));
    rest.remove_prefix(comma);
  }
  if (!name || !(rest.empty() || rest.starts_with(',')))
    fail_argument("class names with commas between them, those that hold a comma in double quotes",
                  all);
  if (!rest.empty()) rest.remove_prefix(1);
  return *name;
}

std::vector<int64_t> images_of_classes(const Dataset& dataset, const std::string& names) {
  const std::vector<std::string>& known = dataset.class_names();
  if (trim(names).empty()) fail_argument("class names, as classes:cat,dog", "none");
  std::vector<bool> wanted(known.size());
  NameList unknown, all_known;
  for (std::string_view rest = names; !rest.empty();) {
    const std::string name = take_name(rest, names);
    const auto found = std::find(known.begin(), known.end(), name);
    if (found != known.end()) {
      wanted[static_cast<size_t>(found - known.begin())] = true;
      continue;
    }
    const auto similar = similar_name(name, known);
    unknown.add(quoted_name(name) + (similar ? " (nearest: " + *similar + ")" : ""));
  }
  if (unknown.count() > 0) {
    for (const std::string& name : known) all_known.add(name);
    fail_argument("classes among " + all_known.joined(), unknown.joined());
  }
  std::vector<int64_t> chosen;
  for (int64_t i = 0; i < dataset.size(); ++i)
    if (wanted.at(static_cast<size_t>(dataset.label(i)))) chosen.push_back(i);
  if (chosen.empty()) fail_argument("training images of the classes " + names, "none");
  return chosen;
}

// Collects the errors of all lines, so that users can correct all of them at once.
class IndexReader {
 public:
  explicit IndexReader(int64_t size) : first_line_(static_cast<size_t>(size)) {}

  void read(std::string_view line, int64_t number) {
    const std::string_view digits = trim(line.substr(0, line.find('#')));
    if (digits.empty()) return;
    const auto index = parse_number<int64_t>(digits);
    if (!index) return wrong_.add(text("line ", number, ": ", quoted_name(digits)));
    if (*index < 0 || *index >= std::ssize(first_line_))
      return wrong_.add(text("line ", number, ": ", *index));
    int64_t& first_line = first_line_[static_cast<size_t>(*index)];
    if (first_line > 0)
      return wrong_.add(text("line ", number, ": ", *index, ", as in line ", first_line));
    first_line = number;
  }

  const NameList& wrong() const { return wrong_; }

  std::vector<int64_t> indices() const {
    std::vector<int64_t> chosen;
    for (size_t i = 0; i < first_line_.size(); ++i)
      if (first_line_[i] > 0) chosen.push_back(static_cast<int64_t>(i));
    return chosen;
  }

 private:
  std::vector<int64_t> first_line_;  // of each index; 0: in no line yet
  NameList wrong_;
};

std::vector<int64_t> images_of_file(const Dataset& dataset, const std::string& path) {
  if (path.empty()) fail_argument("a file of image numbers, as file:INDICES.txt", "file:");
  const std::string content = read_text_file(path);
  IndexReader reader(dataset.size());
  visit_lines(content, [&](std::string_view line, int64_t number) { reader.read(line, number); });
  const std::string expected =
      text("one number of 0 to ", dataset.size() - 1, " on a line, each once");
  if (reader.wrong().count() > 0) fail_corrupt(expected, reader.wrong().joined(), path);
  std::vector<int64_t> chosen = reader.indices();
  if (chosen.empty()) fail_corrupt(expected, "none", path);
  return chosen;
}

}  // namespace

std::optional<std::vector<int64_t>> named_images(const Dataset& dataset, const std::string& names) {
  constexpr std::string_view classes = "classes:", file = "file:";
  if (names.starts_with(classes)) return images_of_classes(dataset, names.substr(classes.size()));
  if (names.starts_with(file)) return images_of_file(dataset, names.substr(file.size()));
  return std::nullopt;
}

}  // namespace submask
