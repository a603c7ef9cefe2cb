#include "report/page/results_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/output_file.h"
#include "report/page/html_text.h"
#include "report/page/page_frame.h"
#include "report/page/results_figures.h"
#include "report/table/table_text.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// The metrics that get a table where the user names none.
constexpr const char* usual_metrics[] = {"accuracy",        "knn_accuracy", "lp_accuracy",
                                         "masked_fraction", "task_bytes",   "adapter_bytes",
                                         "seconds"};

void add_numbers(const GridResults& results, std::ostringstream& out) {
  const RunCounts runs = count_runs(results);
  const std::pair<size_t, const char*> numbers[] = {{results.entries.size(), "cells"},
                                                    {runs.done, "runs done"},
                                                    {runs.failed, "failed"},
                                                    {runs.missing, "missing"}};
  out << "<div class=\"numbers\">\n";
  for (const auto& [number, label] : numbers)
    out << "<div><b>" << number << "</b>" << label << "</div>\n";
  out << "</div>\n";
}

void add_table(const ResultsTable& table, std::ostringstream& out) {
  out << "<h2>" << escaped(table.metric)
      << "</h2>\n<div class=\"scroll\"><table class=\"sortable\">\n<thead><tr>";
  for (const std::string& label : table.row_labels) out << "<th>" << escaped(label) << "</th>";
  for (const std::string& name : table.column_names) out << "<th>" << escaped(name) << "</th>";
  out << "</tr></thead>\n<tbody>\n";
  for (size_t row = 0; row < table.row_names.size(); ++row) {
    out << "<tr>";
    for (const std::string& name : table.row_names[row]) out << "<td>" << escaped(name) << "</td>";
    for (const TableEntry& entry : table.entries[row])
      out << "<td class=\"n\" data-v=\"" << (entry.values > 0 ? entry.mean : -1) << "\">"
          << escaped(entry_text(entry, table.metric)) << "</td>";
    out << "</tr>\n";
  }
  out << "</tbody></table></div>\n";
}

void add_figure(const ResultsFigure& figure, const fs::path& folder, std::ostringstream& out) {
  draw_figure(figure, folder);
  const std::string svg = read_text_file(folder / (figure.name + ".svg"));
  const std::string title = std::visit([](const auto& chart) { return chart.title; }, figure.chart);
  out << "<p><img alt=\"" << escaped(title) << "\" src=\"data:image/svg+xml;base64,"
      << base64(as_bytes(svg)) << "\"></p>\n";
}

// The command, the results and the environment of a cell, folded away.
void add_details(const CellResult& cell, std::ostringstream& out) {
  out << "<details><summary>" << escaped(cell.id.substr(0, 12)) << "</summary>\n<p>submask "
      << escaped(cell.command) << "</p>\n";
  if (!cell.error.empty()) out << "<p>" << escaped(cell.error) << "</p>\n";
  for (const std::string& record : {cell.result, cell.environment}) {
    const auto fields = nlohmann::json::parse(record, nullptr, /*allow_exceptions=*/false);
    if (!fields.is_object() || fields.empty()) continue;
    out << "<table>\n";
    for (const auto& [key, value] : fields.items())
      out << "<tr><th>" << escaped(key) << "</th><td>"
          << escaped(value.is_string() ? value.get<std::string>() : json_text(value))
          << "</td></tr>\n";
    out << "</table>\n";
  }
  out << "</details>";
}

std::string uri_of(const fs::path& path) {
  std::string uri;
  for (const char c : path.generic_string())
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 ||
        std::string("-._~/").find(c) != std::string::npos) {
      uri += c;
    } else {
      constexpr const char* digits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', digits[byte >> 4], digits[byte & 15]};
    }
  return uri;
}

void add_cells(const GridResults& results, const std::vector<std::string>& metrics,
               const fs::path& cells, const fs::path& folder, std::ostringstream& out) {
  std::vector<std::string> labels;
  for (const GridEntry& entry : results.entries)
    for (const auto& [label, value] : entry.labels)
      if (std::ranges::find(labels, label) == labels.end()) labels.push_back(label);
  out << "<h2>Cells</h2>\n<div class=\"scroll\"><table class=\"sortable\" "
         "id=\"cells\">\n<thead><tr>";
  for (const std::string& label : labels) out << "<th>" << escaped(label) << "</th>";
  out << "<th>state</th>";
  for (const std::string& metric : metrics) out << "<th>" << escaped(metric) << "</th>";
  out << "<th>settings and results</th><th>files</th></tr></thead>\n<tbody>\n";
  for (const GridEntry& entry : results.entries) {
    const auto found = results.cells.find(entry.cell);
    const CellResult* const cell = found == results.cells.end() ? nullptr : &found->second;
    out << "<tr>";
    for (const std::string& label : labels) {
      const auto value =
          std::ranges::find(entry.labels, label, [](const auto& each) { return each.first; });
      out << "<td>" << escaped(value == entry.labels.end() ? "" : value->second) << "</td>";
    }
    out << "<td>" << (cell == nullptr ? "missing" : cell->done ? "done" : "failed") << "</td>";
    for (const std::string& metric : metrics) {
      const auto value = cell == nullptr ? std::nullopt : metric_of(*cell, metric);
      out << "<td class=\"n\" data-v=\"" << value.value_or(-1) << "\">"
          << (value ? number_text(*value, metric) : "") << "</td>";
    }
    out << "<td>";
    if (cell != nullptr) add_details(*cell, out);
    out << "</td><td>";
    const fs::path cell_folder = cells / entry.cell;
    if (fs::exists(cell_folder))
      out << "<a href=\"" << uri_of(fs::proximate(cell_folder, folder)) << "/\">folder</a>";
    out << "</td></tr>\n";
  }
  out << "</tbody></table></div>\n";
}

}  // namespace

void write_results_page(const ResultsDatabase& database, const GridResults& results,
                        const ResultsPageOptions& options, const fs::path& folder) {
  make_folder(folder);
  std::vector<std::string> metrics = options.metrics;
  if (metrics.empty())
    for (const char* metric : usual_metrics)
      if (std::ranges::any_of(results.cells, [metric](const auto& cell) {
            return metric_of(cell.second, metric).has_value();
          }))
        metrics.emplace_back(metric);
  std::ostringstream out;
  out.precision(17);
  out << page_begin(results.title);
  add_numbers(results, out);
  TableOptions table = options.table;
  for (const std::string& metric : metrics) {
    table.metric = metric;
    add_table(make_table(results, table), out);
  }
  const auto add_figures = [&](const char* heading, const std::vector<ResultsFigure>& figures) {
    if (!figures.empty()) out << "<h2>" << heading << "</h2>\n";
    for (const ResultsFigure& figure : figures) add_figure(figure, folder, out);
  };
  add_figures("Weights switched off", layer_figures(results, options.cells));
  add_figures("Accuracy over bytes", frontier_figures(results).figures);
  add_figures("Accuracy over settings", sweep_curves(results));
  add_figures("Sizes", size_figures(results));
  add_figures("Training", training_curves(database, results));
  add_cells(results, metrics, options.cells, folder, out);
  out << page_end();
  write_file_atomically(folder / "index.html", as_bytes(out.str()));
}

}  // namespace submask
