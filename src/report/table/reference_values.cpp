#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/fail.h"
#include "base/file.h"
#include "data/format/csv_reader.h"
#include "report/table/results_table.h"

namespace submask {

std::vector<ReferenceValue> read_reference_values(const std::filesystem::path& path) {
  const std::string file = path.string(), content = read_text_file(path);
  CsvReader reader(content, file);
  std::vector<std::string> head, row;
  if (!reader.next(head) || std::ranges::count(head, "metric") != 1 ||
      std::ranges::count(head, "value") != 1)
    fail_corrupt("a first row with the columns metric and value", "none", file);
  std::vector<ReferenceValue> values;
  while (reader.next(row)) {
    const std::string place = text(file, ", line ", reader.line());
    if (row.size() != head.size()) fail_corrupt(text(head.size(), " fields"), row.size(), place);
    ReferenceValue each;
    for (size_t i = 0; i < head.size(); ++i) {
      if (head[i] == "metric") {
        each.metric = row[i];
      } else if (head[i] == "value") {
        const char* const end = row[i].data() + row[i].size();
        const auto [rest, error] = std::from_chars(row[i].data(), end, each.value);
        if (error != std::errc() || rest != end || !std::isfinite(each.value))
          fail_corrupt("a number", "'" + row[i] + "'", place);
      } else if (!row[i].empty()) {
        each.labels[head[i]] = row[i];
      }
    }
    values.push_back(std::move(each));
  }
  return values;
}

}  // namespace submask
