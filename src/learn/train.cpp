#include <chrono>

#include <ATen/ATen.h>

#include <submask/evaluate.h>
#include <submask/train.h>

#include "base/fail.h"
#include "data/batch/image_cache.h"
#include "learn/learned_task.h"
#include "learn/objective_registry.h"
#include "learn/training_run.h"

namespace submask {
namespace {

void check_settings(const TrainSettings& s, const DataSplits& data, const Backbone& backbone) {
  if (s.epochs < 1) fail_argument("at least one epoch", s.epochs);
  if (s.batch_size < 1) fail_argument("a batch size of at least 1", s.batch_size);
  if (s.accumulate < 1) fail_argument("at least one batch a step", s.accumulate);
  if (!(s.rate > 0) || !(s.head_rate >= 0)) fail_argument("a rate above 0", s.rate);
  if (s.warmup_epochs < 0 || s.warmup_epochs > static_cast<double>(s.epochs))
    fail_argument(text("a warm-up within the ", s.epochs, " epochs"), s.warmup_epochs);
  if (s.criterion.kind == CriterionKind::topk &&
      !(s.criterion.keep_share > 0 && s.criterion.keep_share <= 1))
    fail_argument("a share to keep in (0, 1]", s.criterion.keep_share);
  if (s.label_smoothing < 0 || s.label_smoothing >= 1)
    fail_argument("a label smoothing in [0, 1)", s.label_smoothing);
  if (backbone.precision() == "float16")
    fail_argument("float32 or bfloat16 to train in", "float16");
  if (s.batch_norm != "update" && s.batch_norm != "frozen")
    fail_argument("a batch norm: update or frozen", s.batch_norm);
  if (!learns_without_labels(s.method) && s.method != "lp" &&
      (s.crops.size() != 1 || s.crops.front().count != 1))
    fail_argument("one crop an image for learning from labels",
                  text(s.crops.size(), " kinds of crops"));
  if (s.method == "lp" && s.head == "clip") fail_argument("method fs or fft for a clip head", "lp");
  if (s.validate_every < 1)
    fail_argument("validation every epoch or more rarely", s.validate_every);
  if (s.patience > 0 && !data.validation)
    fail_argument("a validation set (--validation) for early stopping", "none");
}

// What depends on the run's length.
TrainSettings resolved(TrainSettings s, const DataSplits& data) {
  if (s.warmup_epochs < 0) s.warmup_epochs = static_cast<double>(s.epochs) / 4;
  if (!learns_without_labels(s.method)) return s;
  const ObjectiveEntry& objective = objective_entry(s.objective);
  if (objective.resolve) objective.resolve(s, data.train->size());
  return s;
}

// The probe needs no loop: features once, then the optimum.
TrainResult fit_probe(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                      const TrainHooks& hooks) {
  const auto start = std::chrono::steady_clock::now();
  LoaderOptions options;
  options.batch_size = settings.batch_size;
  options.workers = settings.workers;
  options.skip_bad_images = settings.skip_bad_images;
  const Transform transform = test_transform(settings, backbone.info());
  options.cache = open_image_cache(*data.train, transform, settings.cache);
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

Transform test_transform(const TrainSettings& settings, const BackboneInfo& backbone) {
  Transform transform;
  transform.preprocessing = backbone.preprocessing;
  transform.fast_decode = settings.fast_decode;
  Preprocessing& steps = transform.preprocessing;
  if (settings.input_size > 0) steps.input_size = settings.input_size;
  if (settings.crop_share > 0) steps.crop_share = settings.crop_share;
  if (!settings.interpolation.empty()) steps.interpolation = settings.interpolation;
  return transform;
}

Transform train_transform(const TrainSettings& settings, const BackboneInfo& backbone) {
  Transform transform = test_transform(settings, backbone);
  transform.crops = settings.crops;
  return transform;
}

bool learns_without_labels(const std::string& method) {
  return method == "ssl-fs" || method == "ssl-ft";
}

bool learns_all_weights(const std::string& method) { return method == "fft" || method == "ssl-ft"; }

TrainResult train(Backbone& backbone, const DataSplits& data, const TrainSettings& given,
                  const TrainHooks& hooks) {
  const TrainSettings settings = resolved(given, data);
  check_settings(settings, data, backbone);
  backbone.widen();
  backbone.to(at::Device(settings.device));
  if (settings.method != "lp") return TrainingRun(backbone, data, settings, hooks).run();
  TrainResult result = fit_probe(backbone, data, settings, hooks);
  describe_learned(backbone, data, settings, result.task);
  return result;
}

}  // namespace submask
