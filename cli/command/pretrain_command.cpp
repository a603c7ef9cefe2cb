#include <filesystem>

#include <submask/error.h>
#include <submask/train.h>

#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/measure.h"
#include "cli/output/progress_line.h"
#include "cli/output/training_log.h"

namespace submask::cli {
namespace {

struct PretrainOptions {
  SharedOptions shared;
  InputOptions input;
  std::string backbone;
  std::string out;
  TrainingLogOptions log;
  TrainSettings settings;
};

// He et al. 2015 for CIFAR: SGD with momentum, weight decay, padded random crops and mirror images;
// here with a short warm-up and a cosine instead of steps.
TrainSettings pretraining_settings() {
  TrainSettings settings;
  settings.method = "fft";
  settings.epochs = 60;
  settings.rate = settings.head_rate = 0.1;
  settings.weight_decay = settings.head_weight_decay = 5e-4;
  settings.nesterov = true;
  settings.warmup_epochs = 1;
  settings.crops.front().pad = 4;
  return settings;
}

void pretrain(PretrainOptions& options) {
  options.shared.apply();
  check_writable(options.out);
  const DataSplits data = options.input.open(options.shared);
  TrainSettings& settings = options.settings;
  settings.seed = options.shared.seed;
  settings.device = options.shared.device;
  settings.batch_size = options.input.batch_size;
  settings.workers = options.input.workers;
  settings.input_size = options.input.input_size;
  settings.skip_bad_images = options.input.skip_bad_images;
  settings.fast_decode = options.input.fast_decode;
  settings.cache = options.input.cache;
  const auto backbone = Backbone::create(options.backbone, options.shared.seed);
  backbone->set_precision(options.shared.precision);
  ProgressLine progress(options.shared, "pretrain");
  TrainingLog log(options.log);
  const TrainResult trained = train(*backbone, data, settings, log.hooks(progress.hooks()));

  Json result = result_header("pretrain", *backbone, options.input, data, options.shared);
  result.erase("weights_identity");
  result["epochs"] = trained.epochs;
  const Json classes = trained.task.classes;
  write_safetensors(
      options.out, trained.state_dict,
      {{"format", "pt"}, {"classes", classes.dump()}, {"provenance", trained.task.provenance}});
  // Measured on the file as users will load it.
  const auto loaded = Backbone::load(options.backbone, options.out);
  Measurement measurement(*loaded, data, options.input.test(trained.task.preprocessing),
                          options.input, options.shared);
  measurement.report(measurement.head(loaded->head()), result);
  result["weights_identity"] = loaded->identity();
  result["weights_bytes"] = std::filesystem::file_size(options.out);
  result["images_per_second"] = trained.images_per_second;
  result["waiting_share"] = trained.waiting_share;
  result["seconds"] = trained.seconds;
  result["out"] = options.out;
  log.finish(trained.epochs, result);
  print_result(options.shared, result);
}

}  // namespace

void add_pretrain_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("pretrain", "Train a backbone from random weights on a data set");
  auto options = std::make_shared<PretrainOptions>();
  options->settings = pretraining_settings();
  options->shared.add_to(*command);
  options->input.batch_size = 128;
  options->input.add_to(*command, true);
  TrainSettings& settings = options->settings;
  command->add_option("--backbone", options->backbone, "Backbone by its usual name")->required();
  command->add_option("--out", options->out, "Weight file to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->add_option("--epochs", settings.epochs, "Passes over the training set");
  command->add_option_function<double>(
      "--rate", [&settings](double rate) { settings.rate = settings.head_rate = rate; },
      "Learning rate");
  command->add_option_function<double>(
      "--weight-decay",
      [&settings](double decay) { settings.weight_decay = settings.head_weight_decay = decay; },
      "L2");
  command->add_option("--warmup", settings.warmup_epochs,
                      "Epochs over which the rate rises from 0");
  command->add_option("--pad", settings.crops.front().pad,
                      "Zero pixels around an image before a random crop");
  command->add_option("--label-smoothing", settings.label_smoothing,
                      "Share of a label spread over all");
  command->add_option_function<double>(
      "--crop-scale-min",
      [&settings](double least) {
        settings.crops.front().crop = "random";
        settings.crops.front().scale_min = least;
      },
      "Random crops down to this share of the area");
  command->add_option("--checkpoint", settings.checkpoint, "Folder for the state of the run")
      ->type_name("DIR");
  command->add_option("--checkpoint-seconds", settings.checkpoint_seconds,
                      "How often within an epoch");
  options->log.add_to(*command);
  command->callback([options] { pretrain(*options); });
}

}  // namespace submask::cli
