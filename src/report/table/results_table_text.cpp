// Tables as Markdown, LaTeX and CSV.
#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/fail.h"
#include "report/table/results_table.h"
#include "report/table/table_text.h"

namespace submask {
namespace {

using Names = std::vector<std::string>;

// The word that stands in place of a mean.
std::string absence(const TableEntry& entry) {
  if (entry.missing > 0) return "missing";
  return entry.failed > 0 ? "failed" : "";
}

// "[reference, difference]" between `before` and `after`; "" where there is no reference.
std::string beside(const TableEntry& entry, const std::string& metric, const char* before,
                   const char* after) {
  if (!entry.reference) return "";
  const std::string difference = number_text(entry.mean - *entry.reference, metric);
  return text(before, "[", number_text(*entry.reference, metric), ", ",
              difference.starts_with('-') ? "" : "+", difference, "]", after);
}

std::string latex_text(const std::string& plain) {
  std::string escaped;
  for (const char c : plain) {
    if (c == '\\') {
      escaped += "\\textbackslash{}";
      continue;
    }
    if (std::string("#$%&_{}").find(c) != std::string::npos) escaped += '\\';
    escaped += c;
  }
  return escaped;
}

// A mean of fewer runs than the grid has.
bool is_incomplete(const TableEntry& entry) {
  return entry.values > 0 && entry.missing + entry.failed > 0;
}

bool any_incomplete(const ResultsTable& table) {
  return std::ranges::any_of(
      table.entries, [](const auto& row) { return std::ranges::any_of(row, is_incomplete); });
}

// The end of the group of rows that begins with row `first`: rows with the same first value, or all
// rows where they have one value only.
size_t end_of_group(const ResultsTable& table, size_t first) {
  const size_t rows = table.row_names.size();
  if (table.row_labels.size() < 2) return rows;
  size_t end = first;
  while (end < rows && table.row_names[end].front() == table.row_names[first].front()) ++end;
  return end;
}

// The best mean of each column among these rows, where the metric is an accuracy.
std::vector<std::optional<double>> best_means(const ResultsTable& table, size_t first, size_t end) {
  std::vector<std::optional<double>> best(table.column_names.size());
  if (!is_accuracy(table.metric)) return best;
  for (size_t row = first; row < end; ++row)
    for (size_t i = 0; i < best.size(); ++i)
      if (const TableEntry& entry = table.entries[row][i]; entry.values > 0)
        best[i] = std::max(best[i].value_or(entry.mean), entry.mean);
  return best;
}

std::string latex_entry(const TableEntry& entry, const std::string& metric, bool best) {
  if (entry.values == 0) return absence(entry).empty() ? "" : "\\emph{" + absence(entry) + "}";
  std::string mean = number_text(entry.mean, metric);
  if (best) mean = "\\mathbf{" + mean + "}";
  if (entry.values > 1)
    mean += text("{\\scriptstyle \\pm ", number_text(entry.deviation, metric), "_{", entry.values,
                 "}}");
  return "$" + mean + "$" + beside(entry, metric, " {\\scriptsize $", "$}") +
         (is_incomplete(entry) ? "\\textsuperscript{*}" : "");
}

std::string latex_line(const Names& cells) {
  std::string line;
  for (size_t i = 0; i < cells.size(); ++i) line += (i > 0 ? " & " : "") + cells[i];
  return line + " \\\\\n";
}

// The rows of one group; its name stands in the first one only.
std::string latex_group(const ResultsTable& table, size_t first, size_t end) {
  const std::vector<std::optional<double>> best = best_means(table, first, end);
  std::string lines;
  for (size_t row = first; row < end; ++row) {
    const bool repeats = row > first && table.row_labels.size() > 1;
    Names cells;
    for (const std::string& name : table.row_names[row])
      cells.push_back(repeats && cells.empty() ? "" : latex_text(name));
    for (size_t i = 0; i < best.size(); ++i) {
      const TableEntry& entry = table.entries[row][i];
      cells.push_back(latex_entry(entry, table.metric, best[i] == entry.mean));
    }
    lines += latex_line(cells);
  }
  return lines;
}

}  // namespace

std::string csv_text(const std::string& plain) {
  if (plain.find_first_of(",\"\n\r") == std::string::npos) return plain;
  std::string quoted = "\"";
  for (const char c : plain) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// A bar would end the cell, a line feed the table.
std::string markdown_text(const std::string& plain) {
  std::string escaped;
  for (const char c : plain) {
    if (c == '|') escaped += '\\';
    escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

std::string number_text(double value, const std::string& metric) {
  char text[32];
  if (is_accuracy(metric) || metric.ends_with("fraction")) {
    std::snprintf(text, sizeof text, "%.3f", std::abs(value));
    const std::string sign = value < 0 ? "-" : "";
    return sign + (std::abs(value) < 1 && text[0] == '0' ? text + 1 : text);
  }
  std::snprintf(text, sizeof text, std::abs(value) < 10'000 ? "%.4g" : "%.0f", value);
  return text;
}

std::string entry_text(const TableEntry& entry, const std::string& metric) {
  if (entry.values == 0) return absence(entry);
  std::string all = number_text(entry.mean, metric);
  if (entry.values > 1)
    all += text(" +- ", number_text(entry.deviation, metric), " (", entry.values, ")");
  all += beside(entry, metric, " ", "");
  if (entry.missing > 0) all += text(", ", entry.missing, " missing");
  if (entry.failed > 0) all += text(", ", entry.failed, " failed");
  return all;
}

std::string to_markdown(const ResultsTable& table) {
  std::string out = "|";
  for (const std::string& label : table.row_labels) out += " " + markdown_text(label) + " |";
  for (const std::string& column : table.column_names) out += " " + markdown_text(column) + " |";
  out += "\n|";
  for (size_t i = 0; i < table.row_labels.size(); ++i) out += "---|";
  for (size_t i = 0; i < table.column_names.size(); ++i) out += "---:|";
  out += "\n";
  for (size_t row = 0; row < table.row_names.size(); ++row) {
    out += "|";
    for (const std::string& name : table.row_names[row]) out += " " + markdown_text(name) + " |";
    for (const TableEntry& entry : table.entries[row])
      out += " " + entry_text(entry, table.metric) + " |";
    out += "\n";
  }
  return out;
}

std::string to_latex(const ResultsTable& table) {
  std::string out = "\\begin{tabular}{" + std::string(table.row_labels.size(), 'l') +
                    std::string(table.column_names.size(), 'r') + "}\n\\toprule\n";
  Names head;
  for (const Names& names : {table.row_labels, table.column_names})
    for (const std::string& name : names) head.push_back(latex_text(name));
  out += latex_line(head) + "\\midrule\n";
  for (size_t first = 0, end = 0; first < table.row_names.size(); first = end) {
    end = end_of_group(table, first);
    out += (first > 0 ? "\\addlinespace\n" : "") + latex_group(table, first, end);
  }
  out += "\\bottomrule\n";
  if (any_incomplete(table))
    out += text("\\multicolumn{", head.size(),
                "}{l}{\\footnotesize \\textsuperscript{*}some runs missing or failed} \\\\\n");
  return out + "\\end{tabular}\n";
}

std::string to_csv(const ResultsTable& table) {
  std::string out;
  for (const std::string& label : table.row_labels) out += csv_text(label) + ",";
  out += "column,metric,values,mean,deviation,missing,failed,reference\n";
  for (size_t row = 0; row < table.row_names.size(); ++row)
    for (size_t i = 0; i < table.column_names.size(); ++i) {
      const TableEntry& entry = table.entries[row][i];
      if (entry.cells == 0) continue;
      for (const std::string& name : table.row_names[row]) out += csv_text(name) + ",";
      char numbers[64] = ",";
      if (entry.values > 0)
        std::snprintf(numbers, sizeof numbers, "%.17g,%.17g", entry.mean, entry.deviation);
      out += text(csv_text(table.column_names[i]), ",", csv_text(table.metric), ",", entry.values,
                  ",", numbers, ",", entry.missing, ",", entry.failed, ",",
                  entry.reference ? text(*entry.reference) : "", "\n");
    }
  return out;
}

}  // namespace submask
