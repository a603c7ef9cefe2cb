// Tables of what a grid found.
#include <iostream>
#include <memory>

#include <submask/output_file.h>
#include <submask/results_table.h>

#include "cli/commands.h"
#include "cli/shared_options.h"

namespace submask::cli {
namespace {

struct ReportOptions {
  SharedOptions shared;
  std::string db, format = "markdown", out;
  TableOptions table;
};

void report(const ReportOptions& options) {
  if (!options.out.empty()) check_writable(options.out);
  const ResultsDatabase database(options.db, /*make=*/false);
  const ResultsTable table = make_table(database, options.table);
  const std::string text = options.format == "latex" ? to_latex(table)
                           : options.format == "csv" ? to_csv(table)
                                                     : to_markdown(table);
  if (options.out.empty()) {
    std::cout << text << std::flush;
    return;
  }
  write_output(options.out, text);
  print_result(options.shared, {{"out", options.out}});
}

}  // namespace

void add_report_command(CLI::App& program) {
  auto* command = program.add_subcommand("report", "Tables of a grid's results");
  auto options = std::make_shared<ReportOptions>();
  options->shared.add_to(*command);
  command->add_option("DB", options->db, "Database that submask grid run made")->required();
  command->add_option("--format", options->format, "markdown, latex (booktabs) or csv")
      ->check(CLI::IsMember({"markdown", "latex", "csv"}));
  command->add_option("--grid", options->table.grid,
                      "Title of the grid; none: the only one in the database");
  command
      ->add_option("--metric", options->table.metric,
                   "A number of the results: accuracy, knn_accuracy, lp_accuracy, masked_fraction, "
                   "task_bytes, seconds, ...")
      ->capture_default_str();
  for (auto& [name, list, help] :
       {std::tuple{"--rows", &options->table.rows, "Labels that make a row each, by commas"},
        std::tuple{"--columns", &options->table.columns,
                   "Labels that make a column each, by commas; what is in neither, as seed, is "
                   "averaged over"}})
    command->add_option(name, *list, help)
        ->delimiter(',')
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command->add_option("--out", options->out, "Where the table goes; none: standard output")
      ->type_name("FILE");
  command->callback([options] { report(*options); });
}

}  // namespace submask::cli
