#include "run/pretrain_run.h"

#include <filesystem>

#include "base/output_file.h"
#include "parallel/record_agreement.h"
#include "run/opened.h"
#include "run/result_header.h"
#include "run/run_fields.h"
#include "run/run_settings.h"
#include "run/training_log.h"
#include "run/useless_options.h"

namespace submask {
namespace {

// --rate and --weight-decay are for the classifier too, unless its own options are set.
void copy_rates_to_head(LearnSpec& learn) {
  for (const char* name : {"rate", "weight-decay"})
    if (const auto change = learn.changes.find(name); change != learn.changes.end())
      learn.changes.try_emplace(std::string("head-") + name, change->second);
}

}  // namespace

RunSpec new_pretraining() {
  RunSpec spec = new_spec(RunKind::learn);
  spec.learn()->method = Method::fft;
  spec.learn()->recipe = "pretrain";
  return spec;
}

ResultJson pretrain(RunSpec spec, const RunHooks& hooks) {
  LearnSpec& learn = *spec.learn();
  apply(spec.compute);
  check_writable(learn.out);
  const DataSplits data = open_data(spec.data, spec.compute);
  tell_choices(data, hooks);
  const auto backbone = Backbone::create(spec.backbone.name, spec.compute.seed);
  backbone->set_precision(spec.compute.precision);
  const RunSpec given = spec;
  copy_rates_to_head(learn);
  const TrainSettings settings = train_settings(spec, backbone->info(), data.train->class_names());
  tell_useless_options(given, backbone->info(), settings, hooks);
  ResultJson result =
      result_header("pretrain", *backbone, {spec.data.spec, data, spec.compute.seed});
  check_records_agree(communicator(), json_text(result));
  TrainingLog log(learn.log, learn.tensorboard);
  const TrainHooks training = hooks.training ? hooks.training("pretrain") : TrainHooks();
  const TrainResult trained = train(*backbone, data, settings, log.with_log(training));

  result.erase("weights_identity");
  result["epochs"] = trained.epochs;
  write_state_dict(trained, learn.out);
  const auto loaded = Backbone::load(spec.backbone.name, learn.out);
  Measurement measurement(*loaded, data,
                          {.preprocessing = trained.task.preprocessing,
                           .input = settings.input,
                           .feature_cache = spec.feature_cache,
                           .hooks = {hooks.note, hooks.images}});
  add_accuracy(measurement.head(loaded->head()), measurement, result);
  result["weights_identity"] = loaded->identity();
  result["weights_bytes"] = std::filesystem::file_size(learn.out);
  result["images_per_second"] = trained.images_per_second;
  result["waiting_share"] = trained.waiting_share;
  result["seconds"] = trained.seconds;
  result["out"] = learn.out;
  add_damaged_images(data, hooks, result);
  log.finish(trained.epochs, result);
  return result;
}

}  // namespace submask
