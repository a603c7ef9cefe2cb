#include "report/analysis/analysis_table.h"

#include <cmath>
#include <cstdio>

#include "base/output_file.h"
#include "report/table/table_text.h"

namespace submask {
namespace {

std::string formatted(const char* format, double number) {
  char out[40];
  std::snprintf(out, sizeof out, format, number);
  return out;
}

std::string value_text(const TableValue& value, const char* format) {
  if (const auto* words = std::get_if<std::string>(&value)) return *words;
  if (const auto* count = std::get_if<int64_t>(&value)) return std::to_string(*count);
  const double number = std::get<double>(value);
  return std::isnan(number) ? "" : formatted(format, number);
}

}  // namespace

std::string to_markdown(const AnalysisTable& table) {
  std::string head = "|", rule = "|", body;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    head += " " + markdown_text(table.columns[i]) + " |";
    const bool words = !table.rows.empty() && table.rows.front()[i].index() == 0;
    rule += words ? "---|" : "---:|";
  }
  for (const auto& row : table.rows) {
    body += "|";
    for (const TableValue& value : row)
      body += " " + markdown_text(value_text(value, "%.4g")) + " |";
    body += "\n";
  }
  return head + "\n" + rule + "\n" + body;
}

std::string to_csv(const AnalysisTable& table) {
  std::string out;
  const auto add = [&](size_t column, const std::string& plain) {
    out += (column == 0 ? "" : ",") + csv_text(plain);
  };
  for (size_t i = 0; i < table.columns.size(); ++i) add(i, table.columns[i]);
  out += "\n";
  for (const auto& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) add(i, value_text(row[i], "%.17g"));
    out += "\n";
  }
  return out;
}

void write_table(const AnalysisTable& table, const std::string& name,
                 const AnalysisOptions& options, Analysis& found) {
  make_folder(options.out);
  for (const auto& [ending, content] :
       {std::pair{".md", to_markdown(table)}, std::pair{".csv", to_csv(table)}}) {
    const auto path = options.out / (name + ending);
    write_output(path, content);
    found.files.push_back(path);
  }
}

std::string in_words(double number) {
  return std::isnan(number) ? "unknown" : formatted("%.3g", number);
}

}  // namespace submask
