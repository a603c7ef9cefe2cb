#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/fit_run.h"

namespace submask::cli {
namespace {

struct FitOptions : NetworkOptions {
  InputOptions input;
  FitSettings fit;
  std::string task;
  std::string out;
};

void fit(const FitOptions& options) {
  const auto& [data, input, feature_cache] = options.input;
  RunProgress progress(options);
  print_result(options, fit_task({options.backbone, options.compute, data, input, feature_cache,
                                  options.fit, options.task, options.out},
                                 progress.hooks()));
}

}  // namespace

void add_fit_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "fit", "Add a linear probe or a kNN bank to a task file; its mask stays as it is");
  auto options = std::make_shared<FitOptions>();
  options->add_to(*command);
  options->input.add_to(*command, true);
  add_field_options(*command, fit_fields(), options->fit);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command->add_option("--out", options->out, "Task file to write; none: --task itself")
      ->type_name("FILE");
  command->callback([options] { fit(*options); });
}

}  // namespace submask::cli
