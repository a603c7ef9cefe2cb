#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/evaluate_run.h"

namespace submask::cli {
namespace {

void evaluate(const EvaluateOptions& options) {
  options.shared.apply();
  if (!options.report.empty()) check_writable(options.report);
  std::optional<Adaptation> task;
  if (!options.task.empty()) task = read_adaptation(options.task, options.mode);
  const auto backbone =
      options.backbone.load(options.shared, task ? task->description().backbone : "");
  OpenedData opened;
  print_result(options.shared, evaluate_one(*backbone, options, task, opened));
}

}  // namespace

void add_evaluate_command(CLI::App& program) {
  auto* command = program.add_subcommand("evaluate", "Measure a task file or a plain backbone");
  auto options = std::make_shared<EvaluateOptions>();
  options->add_to(*command);
  command->callback([options] { evaluate(*options); });
}

}  // namespace submask::cli
