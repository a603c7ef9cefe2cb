#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/pretrain_run.h"
#include "run/process_files.h"
#include "run/run_fields.h"

namespace submask::cli {
namespace {

struct PretrainCommand {
  OutputOptions output;
  RunSpec spec = new_pretraining();
};

}  // namespace

void add_pretrain_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("pretrain", "Train a backbone from random weights on a data set");
  auto options = std::make_shared<PretrainCommand>();
  prepare_options(*command);
  options->output.add_to(*command);
  add_field_options(*command,
                    fields_without(run_fields(RunKind::learn),
                                   {"weights", "method", "tune", "keep-epochs", "from"}),
                    options->spec);
  for (const char* name : {"--backbone", "--data", "--out"}) command->get_option(name)->required();
  command->callback([options] {
    RunProgress progress(options->output);
    const ProcessFiles files;
    print_result(options->output, pretrain(files.redirected(options->spec), progress.hooks()));
  });
}

}  // namespace submask::cli
