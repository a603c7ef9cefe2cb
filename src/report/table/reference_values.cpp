#include <algorithm>
#include <cmath>

#include "base/fail.h"
#include "base/file.h"
#include "base/parse_number.h"
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
    const std::string file_and_line = text(file, ", line ", reader.line());
    if (row.size() != head.size())
      fail_corrupt(text(head.size(), " fields"), row.size(), file_and_line);
    ReferenceValue each;
    for (size_t i = 0; i < head.size(); ++i) {
      if (head[i] == "metric") {
        each.metric = row[i];
      } else if (head[i] == "value") {
        const auto value = parse_number<double>(row[i]);
        if (!value || !std::isfinite(*value))
          fail_corrupt("a number", "'" + row[i] + "'", file_and_line);
        each.value = *value;
      } else if (!row[i].empty()) {
        each.labels[head[i]] = row[i];
      }
    }
    values.push_back(std::move(each));
  }
  return values;
}

}  // namespace submask
