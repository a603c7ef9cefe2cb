#include <filesystem>

#include "base/names.h"
#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/opened.h"
#include "run/result_header.h"
#include "run/run_fields.h"
#include "run/run_settings.h"
#include "run/training_log.h"

namespace submask::cli {
namespace {

struct PretrainCommand {
  OutputOptions output;
  RunSpec spec = new_spec(RunKind::learn);
};

// --rate and --weight-decay are for the classifier too, unless its own options are set.
void copy_rates_to_head(LearnSpec& learn) {
  for (const char* name : {"rate", "weight-decay"})
    if (const auto change = learn.changes.find(name); change != learn.changes.end())
      learn.changes.try_emplace(std::string("head-") + name, change->second);
}

void pretrain(PretrainCommand& command) {
  const RunSpec& spec = command.spec;
  auto& learn = std::get<LearnSpec>(command.spec.work);
  apply(spec.compute);
  check_writable(learn.out);
  const DataSplits data = open_data(spec.data, spec.compute);
  const auto backbone = Backbone::create(spec.backbone.name, spec.compute.seed);
  backbone->set_precision(spec.compute.precision);
  copy_rates_to_head(learn);
  const TrainSettings settings = train_settings(spec, backbone->info(), data.train->class_names());
  RunProgress progress(command.output);
  TrainingLog log(learn.log, learn.tensorboard);
  const TrainResult trained =
      train(*backbone, data, settings, log.with_log(progress.hooks().training("pretrain")));

  Json result = result_header("pretrain", *backbone,
                              {spec.data.spec, data.train->digest(), spec.compute.seed});
  result.erase("weights_identity");
  result["epochs"] = trained.epochs;
  write_state_dict(trained, learn.out);
  // The file is loaded again and measured as users will load it.
  const auto loaded = Backbone::load(spec.backbone.name, learn.out);
  Measurement measurement(*loaded, data,
                          {.preprocessing = trained.task.preprocessing,
                           .input = settings.input,
                           .feature_cache = spec.feature_cache,
                           .hooks = progress.measurement_hooks()});
  add_accuracy(measurement.head(loaded->head()), measurement, result);
  result["weights_identity"] = loaded->identity();
  result["weights_bytes"] = std::filesystem::file_size(learn.out);
  result["images_per_second"] = trained.images_per_second;
  result["waiting_share"] = trained.waiting_share;
  result["seconds"] = trained.seconds;
  result["out"] = learn.out;
  log.finish(trained.epochs, result);
  print_result(command.output, result);
}

}  // namespace

void add_pretrain_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("pretrain", "Train a backbone from random weights on a data set");
  auto options = std::make_shared<PretrainCommand>();
  auto& learn = std::get<LearnSpec>(options->spec.work);
  learn.method = Method::fft;
  learn.recipe = "pretrain";
  prepare_options(*command);
  options->output.add_to(*command);
  add_field_options(*command,
                    fields_without(run_fields(RunKind::learn),
                                   {"weights", "method", "tune", "keep-epochs", "from"}),
                    options->spec);
  for (const char* name : {"--backbone", "--data", "--out"}) command->get_option(name)->required();
  command->callback([options] { pretrain(*options); });
}

}  // namespace submask::cli
