// Analyses what the cells of a grid learned.
#include <cmath>
#include <filesystem>
#include <iostream>
#include <memory>

#include "base/joined.h"
#include "cli/command/commands.h"
#include "cli/option/shared_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "report/analysis/analysis.h"
#include "run/opened.h"

namespace submask::cli {
namespace {

struct AnalyzeOptions : SharedOptions {
  std::string name, db, out, cells;
  AnalysisOptions analysis;
};

Json to_json(const std::vector<AnalysisNumbers>& numbers) {
  Json list = Json::array();
  for (const AnalysisNumbers& row : numbers) {
    Json record = {{"of", row.part}};
    for (const auto& [name, value] : row.values)
      record[name] = std::isnan(value) ? Json() : Json(value);
    list.push_back(record);
  }
  return list;
}

void analyze(AnalyzeOptions& options) {
  apply(options.compute);
  const ResultsDatabase database(options.db, /*create=*/false);
  options.analysis.cells = cells_folder(options.cells, options.db);
  options.analysis.out = options.out;
  const Analysis found = analyse(options.name, database, options.analysis);
  for (const std::string& line : found.left_out) note(options, line);
  Json files = Json::array();
  for (const auto& path : found.files) files.push_back(path.string());
  if (!options.json) {
    std::cout << found.sentence << '\n';
    for (const Json& path : files) std::cout << path.get<std::string>() << '\n';
    std::cout << std::flush;
    return;
  }
  print_result(options, {{"analysis", options.name},
                         {"db", options.db},
                         {"sentence", found.sentence},
                         {"numbers", to_json(found.numbers)},
                         {"left_out", found.left_out},
                         {"files", files}});
}

}  // namespace

void add_analyze_command(CLI::App& program) {
  auto* command = program.add_subcommand("analyze", "What a grid's cells show, taken together");
  auto options = std::make_shared<AnalyzeOptions>();
  options->add_to(*command);
  auto* name = command->add_option("WHAT", options->name, joined(analysis_names(), ", "));
  limit_to(name->required(), analysis_names());
  command->add_option("DB", options->db, "Database that submask grid run made")->required();
  command->add_option("--out", options->out, "Folder for the tables and figures")
      ->required()
      ->type_name("DIR");
  command->add_option("--grid", options->analysis.grid,
                      "Title of the grid; none: the only one in the database");
  command
      ->add_option("--cells", options->cells, "Folder of what the cells learned; none: beside DB")
      ->type_name("DIR");
  limit_to(command->add_option("--format", options->analysis.format, "Of figures"),
           {"svg", "png", "pdf"});
  command->callback([options] { analyze(*options); });
}

}  // namespace submask::cli
