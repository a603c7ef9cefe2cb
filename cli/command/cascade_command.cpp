#include <cstdio>
#include <memory>

#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/opened.h"
#include "run/process_files.h"
#include "run/run_fields.h"

namespace submask::cli {
namespace {

void print_tables(const Json& result) {
  std::printf("%-20s %9s %9s %8s\n", "", "knn", "lp", "passes");
  const auto experts = static_cast<long>(result["experts"].size());
  const auto row = [&](const char* name, long passes) {
    std::printf("%-20s %9.4f %9.4f %8ld\n", name, result[name]["knn_accuracy"].get<double>(),
                result[name]["lp_accuracy"].get<double>(), passes);
  };
  row("dispatcher", 1);
  row("dispatcher_projected", 1);
  row("conditional", 2);
  row("unconditional", 1 + experts);
  std::printf("\n%-20s %9s %9s %8s\n", "expert", "images", "epochs", "masked");
  for (long k = 0; k < experts; ++k) {
    const Json& expert = result["experts"][static_cast<size_t>(k)];
    std::printf("%-20ld %9ld %9ld %7.2f%%\n", k + 1, expert["images"].get<long>(),
                expert["epochs"].get<long>(), 100 * expert["masked_fraction"].get<double>());
  }
  std::fflush(stdout);
}

struct CascadeCommand {
  OutputOptions output;
  RunSpec spec = new_spec(RunKind::cascade);
};

void learn(const CascadeCommand& command) {
  Opened opened;
  RunProgress progress(command.output, "cascade: ");
  const ProcessFiles files;
  const Json result = run_opened(files.redirected(command.spec), progress.hooks(), opened);
  print_result(command.output, result);
  if (!command.output.json) print_tables(result);
}

}  // namespace

void add_cascade_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "cascade",
      "Learn a cascade without labels: a dispatcher's mask, a router, experts, joined features. "
      "Labels are used for the accuracies and for the probes in the file alone");
  auto options = std::make_shared<CascadeCommand>();
  prepare_options(*command);
  options->output.add_to(*command);
  add_field_options(*command, run_fields(RunKind::cascade), options->spec);
  command->get_option("--data")->required();
  command->callback([options] { learn(*options); });
}

}  // namespace submask::cli
