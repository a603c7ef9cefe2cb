// Prints tables of a grid's results, or writes a page of them.
#include <filesystem>
#include <iostream>
#include <memory>
#include <utility>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/shared_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "report/page/results_figures.h"
#include "report/page/results_page.h"

namespace submask::cli {
namespace {

struct ReportOptions : SharedOptions {
  std::string db, grid, cells, format = "markdown", figure, reference, out;
  std::vector<std::string> metrics;
  TableOptions table;
};

std::string table_text(const ResultsTable& table, const std::string& format) {
  return format == "latex" ? to_latex(table) : format == "csv" ? to_csv(table) : to_markdown(table);
}

// Joins tables. Each of several tables has the name of its metric above it. In CSV every line names
// the metric, so the tables become one.
std::string tables_text(const std::vector<ResultsTable>& tables, const std::string& format) {
  if (tables.size() == 1) return table_text(tables.front(), format);
  std::string text;
  for (const ResultsTable& table : tables) {
    const std::string part = table_text(table, format);
    if (format == "csv")
      text += text.empty() ? part : part.substr(part.find('\n') + 1);
    else
      text += (text.empty() ? "" : "\n") +
              (format == "latex" ? "% " + table.metric + "\n" : table.metric + "\n\n") + part;
  }
  return text;
}

void write_html(const ResultsDatabase& database, const GridResults& results,
                const ReportOptions& options) {
  if (options.out.empty()) fail_argument("--out with --format html", "none");
  ResultsPageOptions page;
  page.table = options.table;
  page.metrics = options.metrics;
  page.cells = cells_folder(options.cells, options.db);
  write_results_page(database, results, page, options.out);
  print_result(options, {{"out", (std::filesystem::path(options.out) / "index.html").string()}});
}

void draw_frontier(const GridResults& results, const ReportOptions& options) {
  if (options.out.empty()) fail_argument("a folder for the pictures (--out) with --figure", "none");
  const FrontierFigures frontier = frontier_figures(results);
  if (frontier.figures.empty())
    fail_argument(
        text("runs with accuracy and bytes of more than one method or setting in ", options.db),
        "none");
  make_folder(options.out);
  for (const auto& [option, is_given] : {std::pair{"--format", options.format != "markdown"},
                                         {"--metric", !options.metrics.empty()},
                                         {"--rows", !options.table.rows.empty()},
                                         {"--columns", !options.table.columns.empty()},
                                         {"--reference", !options.reference.empty()}})
    if (is_given) note(options, text(option, " is of no use to --figure"));
  const RunCounts runs = count_runs(results);
  if (const size_t left_out = runs.failed + runs.missing; left_out > 0)
    note(options, text("left out: ", left_out, " runs that have no result yet or failed"));
  if (frontier.without_numbers > 0)
    note(options, text("left out: ", frontier.without_numbers,
                       " runs without an accuracy from 0 to 1 and bytes above 0 in ", options.db));
  for (const ResultsFigure& figure : frontier.figures) {
    draw_figure(figure, options.out);
    print_result(options,
                 {{"out", (std::filesystem::path(options.out) / (figure.name + ".svg")).string()}});
  }
}

void report(ReportOptions& options) {
  const bool figure = !options.figure.empty(), page = options.format == "html";
  if (!options.out.empty() && !page && !figure) check_writable(options.out);
  if (!options.reference.empty())
    options.table.reference = read_reference_values(options.reference);
  const ResultsDatabase database(options.db, /*create=*/false);
  const GridResults results = read_grid_results(database, options.grid);
  with_file_in_errors(ErrorKind::invalid_argument, options.reference,
                      [&] { check_reference_labels(options.table.reference, results); });
  if (figure) return draw_frontier(results, options);
  if (page) return write_html(database, results, options);
  if (options.metrics.empty()) options.metrics = {"accuracy"};
  std::vector<ResultsTable> tables;
  for (const std::string& metric : options.metrics) {
    options.table.metric = metric;
    tables.push_back(make_table(results, options.table));
  }
  const std::string text = tables_text(tables, options.format);
  if (options.out.empty()) {
    std::cout << text << std::flush;
    return;
  }
  write_output(options.out, text);
  print_result(options, {{"out", options.out}});
}

}  // namespace

void add_report_command(CLI::App& program) {
  auto* command = program.add_subcommand("report", "Tables of a grid's results, or a page");
  auto options = std::make_shared<ReportOptions>();
  options->add_to(*command);
  command->add_option("DB", options->db, "Database that submask grid run made")->required();
  limit_to(command->add_option("--format", options->format,
                               "markdown, latex (booktabs), csv, or html: a page with pictures"),
           {"markdown", "latex", "csv", "html"});
  limit_to(command->add_option("--figure", options->figure,
                               "A picture in place of tables: frontier (accuracy over the bytes of "
                               "a task); the page has it too"),
           {"frontier"});
  command->add_option("--grid", options->grid,
                      "Title of the grid; none: the only one in the database");
  command
      ->add_option("--reference", options->reference,
                   "Values to set beside: a CSV file with the columns metric and value and one for "
                   "each label that they are of")
      ->type_name("FILE");
  command
      ->add_option("--cells", options->cells,
                   "Folder of what the cells learned, for the page; none: beside the database")
      ->type_name("DIR");
  for (auto& [name, list, help] :
       {std::tuple{"--metric", &options->metrics,
                   "Numbers of the results, a table each, by commas: accuracy (the default), "
                   "knn_accuracy, lp_accuracy, masked_fraction, task_bytes, seconds, "
                   "training_set.classes, ..."},
        std::tuple{"--rows", &options->table.rows, "Labels that make a row each, by commas"},
        std::tuple{"--columns", &options->table.columns,
                   "Labels that make a column each, by commas; what is in neither, as seed, is "
                   "averaged over"}})
    command->add_option(name, *list, help)
        ->delimiter(',')
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      ->add_option("--out", options->out,
                   "Where it goes; none: standard output. Of a page or a picture a folder")
      ->type_name("FILE");
  command->callback([options] { report(*options); });
}

}  // namespace submask::cli
