#include <chrono>

#include <ATen/ATen.h>

#include <submask/evaluate.h>
#include <submask/train.h>

#include "base/fail.h"
#include "data/batch/image_cache.h"
#include "learn/learned_task.h"
#include "learn/objective_registry.h"
#include "learn/process_agreement.h"
#include "learn/settings_check.h"
#include "learn/training_run.h"

namespace submask {
namespace {

// Sets those settings that were not set and depend on the length of the run.
TrainSettings resolve_settings(TrainSettings s, const DataSplits& data) {
  if (!s.warmup_epochs) s.warmup_epochs = static_cast<double>(s.epochs) / 4;
  if (!learns_without_labels(s.method)) return s;
  const ObjectiveEntry& objective = objective_entry(s.self_supervised.objective);
  if (objective.resolve) objective.resolve(s, data.train->size());
  return s;
}

// The probe needs no training loop: its optimum is found from features that are extracted once.
TrainResult fit_probe(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                      const TrainHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  LoaderOptions options = loader_options(settings.input);
  const Transform transform = test_transform(settings.input, backbone.info().preprocessing);
  options.cache = open_image_cache(*data.train, transform, settings.input.cache);
  const Features features =
      extract_features(backbone, data.train, transform, options, [&](int64_t done, int64_t total) {
        if (hooks.should_stop && hooks.should_stop())
          fail(ErrorKind::interrupted, "interrupted after ", done, " of ", total, " images");
      });
  LinearProbeOptions probe_options;
  probe_options.l2 = settings.probe_l2;
  const LinearProbe probe = fit_linear_probe(
      features, static_cast<int64_t>(data.train->class_names().size()), probe_options);
  TrainResult result;
  result.task.head = probe.head();
  result.bad_images = features.skipped;
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result.images_per_second = static_cast<double>(data.train->size()) / result.seconds;
  return result;
}

}  // namespace

TrainResult train(Backbone& backbone, const DataSplits& data, const TrainSettings& requested,
                  const TrainHooks& hooks) {
  const TrainSettings settings = resolve_settings(requested, data);
  check_training(backbone, data, settings);
  backbone.widen();
  backbone.to(at::Device(settings.device));
  check_processes_agree(communicator(), settings, data, backbone);
  if (settings.method != Method::lp) return TrainingRun(backbone, data, settings, hooks).run();
  TrainResult result = fit_probe(backbone, data, settings, hooks);
  describe_learned(backbone, data, settings, result.task);
  return result;
}

}  // namespace submask
