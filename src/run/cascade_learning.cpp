#include "run/cascade_learning.h"

#include <chrono>
#include <filesystem>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/names.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "learn/train_cascade.h"
#include "parallel/record_agreement.h"
#include "run/result_header.h"
#include "run/run_record.h"
#include "run/run_settings.h"
#include "run/useless_options.h"

namespace submask {
namespace {

const KnnOptions knn = knn_preset(KnnPreset::paper);

// Measures a learned cascade. Labels are used here for the first time: in the bank of kNN, the
// probe and the test set.
class CascadeMeasurement {
 public:
  // All references must outlive this object.
  CascadeMeasurement(Backbone& backbone, const DataSplits& data, const TrainSettings& training,
                     const RunHooks& hooks)
      : backbone_(backbone),
        data_(data),
        training_(training),
        hooks_(hooks),
        classes_(std::ssize(data.train->class_names())) {}

  // Measures the dispatcher's features twice: as they are, and projected in the way of joined
  // features. The experts' gain is the difference in accuracy between joined and projected
  // features.
  void measure_dispatcher(const TrainedCascade& trained, ResultJson& result) {
    AdaptedNetwork network(backbone_);
    network.select(unpack_task(trained.cascade.dispatcher, backbone_));
    Features test = test_features("dispatcher", trained, [&](const auto&... arguments) {
      return extract_features(backbone_, arguments...);
    });
    Features train = trained.dispatcher_features();
    result["dispatcher"] = measure(train, test).json;
    result["dispatcher"]["masked_fraction"] = trained.cascade.dispatcher.masked_fraction();
    const Projection projection = trained.dispatcher_projection();
    test.values = projection.apply(test.values);
    train.values = projection.apply(train.values);
    result["dispatcher_projected"] = measure(train, test).json;
  }

  // The accuracies in one mode, and the head of the probe.
  struct Measured {
    ResultJson json;
    Head head;
  };

  Measured measure_view(const TrainedCascade& trained, CascadeMode mode) {
    CascadePredictor predictor(backbone_, trained.cascade, mode);
    const Features test = test_features(name_of(mode), trained, [&](const auto&... arguments) {
      return extract_features(predictor, arguments...);
    });
    return measure(trained.features(mode), test);
  }

  int64_t test_images() const { return test_images_; }
  const std::vector<std::string>& bad_images() const { return bad_images_; }

 private:
  template <typename Extract>
  Features test_features(const std::string& name, const TrainedCascade& trained,
                         const Extract& extract) {
    const Transform transform =
        test_transform(training_.input, trained.cascade.dispatcher.preprocessing);
    const std::string stage = "test set, " + name;
    Features features = extract(data_.test, transform, loader_options(training_.input),
                                [&](int64_t done, int64_t total) {
                                  if (hooks_.images) hooks_.images(stage, done, total);
                                });
    test_images_ = features.labels.numel();
    bad_images_ = features.skipped;
    if (test_images_ == 0)
      fail(ErrorKind::corrupt_file, "expected test images that decode, got none");
    return features;
  }

  Measured measure(const Features& train, const Features& test) const {
    const at::Tensor votes = knn_scores(train, test.values, classes_, knn);
    LinearProbeOptions probe_options;
    probe_options.l2 = training_.probe_l2;
    const Head head = fit_linear_probe(train, classes_, probe_options).head();
    const auto accuracy = [&](const at::Tensor& scores) {
      return measure_accuracy(scores.argmax(1), test.labels, classes_).accuracy;
    };
    return {.json = {{"knn_accuracy", accuracy(votes)},
                     {"lp_accuracy", accuracy(head_scores(head, test.values))}},
            .head = head};
  }

  Backbone& backbone_;
  const DataSplits& data_;
  const TrainSettings& training_;
  const RunHooks& hooks_;
  int64_t classes_;
  int64_t test_images_ = 0;
  std::vector<std::string> bad_images_;
};

ResultJson expert_list(const TrainedCascade& trained) {
  ResultJson experts = ResultJson::array();
  for (size_t k = 0; k < trained.images.size(); ++k)
    experts.push_back({{"images", trained.images[k]},
                       {"epochs", trained.epochs[k]},
                       {"masked_fraction", trained.cascade.experts[k].masked_fraction()}});
  return experts;
}

// Adds the accuracies to the result and the heads of the probes to the cascade.
void measure_views(CascadeMeasurement measurement, TrainedCascade& trained, ResultJson& result) {
  Cascade& cascade = trained.cascade;
  measurement.measure_dispatcher(trained, result);
  for (const CascadeMode mode : {CascadeMode::conditional, CascadeMode::unconditional}) {
    CascadeView& view =
        mode == CascadeMode::conditional ? cascade.conditional : cascade.unconditional;
    auto measured = measurement.measure_view(trained, mode);
    result[name_of(mode)] = std::move(measured.json);
    view.head = std::move(measured.head);
  }
  result["n"] = measurement.test_images();
  result["k"] = knn.k;
  result["temperature"] = knn.temperature;
  if (!trained.joined.skipped.empty()) result["bad_training_images"] = trained.joined.skipped;
  if (!measurement.bad_images().empty()) result["bad_images"] = measurement.bad_images();
}

}  // namespace

std::string result_path(const CascadeSpec& cascade) {
  return cascade.learn.out.empty() ? "out.cascade" : cascade.learn.out;
}

ResultJson learn_cascade(const RunSpec& spec, const RunHooks& hooks, Opened& opened) {
  const auto start = std::chrono::steady_clock::now();
  const auto& cascade_spec = std::get<CascadeSpec>(spec.work);
  const std::string out = result_path(cascade_spec);
  check_writable(out);
  Backbone& backbone = opened.backbone(spec.backbone, spec.compute);
  tell_choices(backbone, hooks);
  const DataSplits data = opened.data(spec.data, spec.compute);
  tell_choices(data, hooks);
  const std::vector<std::string>& classes = data.train->class_names();
  const CascadeTraining settings{cascade_spec.cascade,
                                 train_settings(spec, backbone.info(), classes)};
  tell_useless_options(spec, backbone.info(), settings.training, hooks);
  ResultJson result = result_header("cascade", backbone, {spec.data.spec, data, spec.compute.seed});
  ResultJson record = result;
  record.update(options_record(spec, {Effect::result}));
  check_records_agree(communicator(), json_text(record));
  result["epochs"] = settings.training.epochs;
  result["router"] = name_of(settings.router);

  TrainedCascade trained = train_cascade(backbone, data, settings, hooks);
  result["router_width"] = trained.cascade.router.projection.width();
  result["cluster_sizes"] = trained.images;
  result["experts"] = expert_list(trained);
  measure_views(CascadeMeasurement(backbone, data, settings.training, hooks), trained, result);
  if (cascade_spec.no_heads) {
    trained.cascade.conditional.head = {};
    trained.cascade.unconditional.head = {};
  } else {
    trained.cascade.classes = classes;
  }
  record_provenance(result, trained.cascade.provenance);
  write_cascade(out, trained.cascade);
  result["masked_fraction"] = masked_fraction(trained.cascade);
  result["cascade_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  add_damaged_images(data, hooks, result);
  result["out"] = out;
  return result;
}

}  // namespace submask
