#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "parallel/communicator.h"
#include "report/page/evaluation_page.h"
#include "run/measure_run.h"
#include "run/run_fields.h"

namespace submask::cli {
namespace {

struct EvaluateCommand {
  OutputOptions output;
  RunSpec spec = new_spec(RunKind::measure);
  std::string report;
};

// Writes a page of the numbers in `result` so far. Times are left out, so that the same evaluation
// gives the same page.
void write_page(const std::string& path, const MeasuredDetails& details, const Json& result) {
  const auto as_text = [](const Json& value) {
    return value.is_string() ? value.get<std::string>() : json_text(value);
  };
  EvaluationPage page{as_text(result["data"]) + ": " + as_text(result["method"]) + " on " +
                          as_text(result["backbone"]),
                      {},
                      details.report,
                      details.test,
                      details.dataset};
  for (const char* name : {"method",
                           "backbone",
                           "weights",
                           "weights_identity",
                           "task",
                           "masked_fraction",
                           "cascade",
                           "task_bytes",
                           "data",
                           "data_digest",
                           "validation_digest",
                           "test_digest",
                           "labels",
                           "k",
                           "temperature",
                           "l2",
                           "prompts",
                           "n",
                           "epochs",
                           "seed",
                           "settings",
                           "commit"})
    if (result.contains(name)) page.facts.emplace_back(name, as_text(result[name]));
  if (!details.test.skipped.empty())
    page.facts.emplace_back("images that do not decode",
                            std::to_string(details.test.skipped.size()));
  write_evaluation_page(path, page);
}

void evaluate(const EvaluateCommand& command) {
  apply(command.spec.compute);
  const bool reports = !command.report.empty() && communicator().is_first();
  if (reports) check_writable(command.report);
  Opened opened;
  RunProgress progress(command.output);
  MeasuredHook measured;
  if (reports)
    measured = [&](const MeasuredDetails& details, Json& result) {
      write_page(command.report, details, result);
      result["report"] = command.report;
    };
  print_result(command.output, measure(command.spec, progress.hooks(), opened, measured));
}

}  // namespace

void add_evaluate_command(CLI::App& program) {
  auto* command = program.add_subcommand("evaluate", "Measure a task file or a plain backbone");
  auto options = std::make_shared<EvaluateCommand>();
  prepare_options(*command);
  options->output.add_to(*command);
  add_field_options(*command, run_fields(RunKind::measure), options->spec);
  command->get_option("--data")->required();
  command
      ->add_option("--report", options->report,
                   "A page to write: accuracy of each class, confusion matrix, calibration and "
                   "images of the worst confusions of the first method")
      ->type_name("FILE.html");
  command->callback([options] { evaluate(*options); });
}

}  // namespace submask::cli
