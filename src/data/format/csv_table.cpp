#include "data/format/csv_table.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "base/fail.h"
#include "base/natural_order.h"
#include "base/quoted_name.h"
#include "data/format/csv_reader.h"

namespace submask {
namespace {

constexpr size_t no_column = SIZE_MAX;

struct Columns {
  size_t path, label, split, count;
};

// Each in quotes, so that blanks around them show.
std::string quoted_names(const std::vector<std::string>& names) {
  if (names.empty()) return "an empty file";
  std::string quoted;
  for (const std::string& name : names) quoted += (quoted.empty() ? "" : ", ") + quoted_name(name);
  return quoted;
}

Columns find_columns(CsvReader& reader, const std::string& file) {
  std::vector<std::string> names;
  reader.next(names);
  const auto find = [&](const char* name) {
    const auto found = std::find(names.begin(), names.end(), name);
    return found == names.end() ? no_column : static_cast<size_t>(found - names.begin());
  };
  const Columns columns{find("path"), find("label"), find("split"), names.size()};
  if (columns.path == no_column || columns.label == no_column)
    fail_corrupt("a first line that names the columns path, label and, if wanted, split",
                 quoted_names(names), file);
  return columns;
}

CsvPart part_of(const std::string& split, const CsvReader& reader, const std::string& file) {
  if (split == "train") return CsvPart::train;
  if (split == "val") return CsvPart::validation;
  if (split == "test") return CsvPart::test;
  fail_corrupt(text("the split train, val or test in line ", reader.line()), quoted_name(split),
               file);
}

// Labels are numbered in the order in which they appear; this numbers them anew in the natural
// order of their names.
void sort_classes(CsvTable& table) {
  std::vector<int64_t> order(table.class_names.size()), rank(order.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  const auto name_of = [&](int64_t i) -> std::string& {
    return table.class_names[static_cast<size_t>(i)];
  };
  std::sort(order.begin(), order.end(),
            [&](int64_t a, int64_t b) { return NaturalOrder()(name_of(a), name_of(b)); });
  std::vector<std::string> sorted;
  for (const int64_t old_label : order) {
    rank[static_cast<size_t>(old_label)] = std::ssize(sorted);
    sorted.push_back(std::move(name_of(old_label)));
  }
  for (size_t i = 0; i < table.files.size(); ++i)
    table.files.set_label(i, rank[static_cast<size_t>(table.files.label(i))]);
  table.class_names = std::move(sorted);
}

}  // namespace

CsvTable parse_csv_table(std::string_view rows, const std::string& file) {
  if (rows.starts_with("\xEF\xBB\xBF")) rows.remove_prefix(3);  // spreadsheets' mark of UTF-8
  CsvReader reader(rows, file);
  const Columns columns = find_columns(reader, file);
  CsvTable table;
  table.has_split = columns.split != no_column;
  std::unordered_map<std::string, int64_t> labels;
  for (std::vector<std::string> fields; reader.next(fields);) {
    if (fields.size() != columns.count)
      fail_corrupt(text(columns.count, " fields in line ", reader.line()), fields.size(), file);
    if (fields[columns.path].empty() || fields[columns.label].empty())
      fail_corrupt(text("a path and a label in line ", reader.line()), "an empty field", file);
    const auto [entry, is_new] =
        labels.try_emplace(fields[columns.label], std::ssize(table.class_names));
    if (is_new) table.class_names.push_back(entry->first);
    table.files.add(fields[columns.path], entry->second);
    table.parts.push_back(table.has_split ? part_of(fields[columns.split], reader, file)
                                          : CsvPart::train);
  }
  sort_classes(table);
  return table;
}

}  // namespace submask
