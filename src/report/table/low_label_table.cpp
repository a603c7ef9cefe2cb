#include "report/table/low_label_table.h"

#include <algorithm>
#include <cstdio>
#include <iomanip>
#include <map>
#include <set>
#include <sstream>

#include "numeric/moments.h"

namespace submask {
namespace {

std::string table_cell(const LowLabelSummary& summary) {
  char text[32];
  if (summary.seeds > 1)
    std::snprintf(text, sizeof text, "%.3f +- %.3f", summary.mean, summary.deviation);
  else
    std::snprintf(text, sizeof text, "%.3f", summary.mean);
  return text;
}

}  // namespace

std::vector<LowLabelSummary> summarise(const std::vector<LowLabelCell>& cells) {
  std::vector<LowLabelMethod> methods;
  std::map<std::pair<LowLabelMethod, int64_t>, std::vector<double>> accuracies;
  for (const LowLabelCell& cell : cells) {
    if (std::find(methods.begin(), methods.end(), cell.method) == methods.end())
      methods.push_back(cell.method);
    accuracies[{cell.method, cell.labelled_images}].push_back(cell.accuracy);
  }
  std::vector<LowLabelSummary> summaries;
  for (const LowLabelMethod& method : methods)
    for (const auto& [key, values] : accuracies) {
      if (key.first != method) continue;
      const Moments over = moments(values);
      summaries.push_back({method, key.second, over.n, over.mean, over.deviation});
    }
  return summaries;
}

std::string to_markdown(const std::vector<LowLabelSummary>& summaries) {
  std::set<int64_t> counts;
  std::map<std::string, std::map<int64_t, std::string>> rows;
  std::vector<std::string> names;
  for (const LowLabelSummary& summary : summaries) {
    counts.insert(summary.labelled_images);
    const std::string name = title_of(summary.method);
    if (!rows.contains(name)) names.push_back(name);
    rows[name][summary.labelled_images] = table_cell(summary);
  }
  std::ostringstream table;
  const auto put_cell = [&](const auto& value) { table << std::setw(15) << value << " |"; };
  table << "| labelled images |";
  for (const int64_t count : counts) put_cell(count);
  table << "\n|-----------------|";
  for (size_t i = 0; i < counts.size(); ++i) table << "---------------:|";
  for (const std::string& name : names) {
    table << "\n| " << std::left << std::setw(15) << name << " |" << std::right;
    for (const int64_t count : counts) put_cell(rows[name][count]);
  }
  table << '\n';
  return table.str();
}

}  // namespace submask
