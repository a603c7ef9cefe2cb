#include "cli/cascade_learning.h"

#include <chrono>
#include <deque>
#include <filesystem>
#include <optional>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/predictor.h>

#include "base/output_file.h"
#include "cli/adaptation.h"
#include "cli/measure.h"
#include "cli/output/progress_line.h"

namespace submask::cli {
namespace {

const KnnOptions knn = knn_preset("paper");

// Training of each stage, features and notes on stderr.
class CascadeProgress {
 public:
  explicit CascadeProgress(const SharedOptions& shared) : shared_(shared) {}

  CascadeHooks hooks() {
    CascadeHooks hooks;
    hooks.training = [this](const std::string& stage) {
      line_.reset();
      return training_.emplace_back(shared_, stage).hooks();
    };
    hooks.images = [this](const std::string& stage, int64_t done, int64_t total) {
      if (!line_ || stage_ != stage) line_.emplace(shared_, stage_ = stage);
      line_->show(done, total);
    };
    hooks.note = [this](const std::string& line) { note(shared_, "cascade: " + line); };
    return hooks;
  }

 private:
  const SharedOptions& shared_;
  std::deque<ProgressLine> training_;  // hooks refer to them
  std::string stage_;
  std::optional<CountLine> line_;
};

// Labels enter here, and nowhere before: as the bank's, the probe's and the test set's.
class CascadeMeasurement {
 public:
  // `probe_l2`: as LinearProbeOptions has it.
  CascadeMeasurement(Backbone& backbone, const DataSplits& data, const TrainOptions& options,
                     double probe_l2)
      : backbone_(backbone),
        data_(data),
        options_(options),
        probe_l2_(probe_l2),
        classes_(std::ssize(data.train->class_names())) {}

  // As it is, and projected as joined features are: what the experts add shows against the second.
  void dispatcher(const TrainedCascade& trained, Json& result) {
    Predictor predictor(backbone_);
    predictor.select(unpack_task(trained.cascade.dispatcher, backbone_));
    Features test = test_features("dispatcher", trained, [&](auto&&... arguments) {
      return extract_features(backbone_, arguments...);
    });
    Features train = trained.dispatcher_features();
    std::optional<Head> unused;
    result["dispatcher"] = measured(train, test, unused);
    result["dispatcher"]["masked_fraction"] = trained.cascade.dispatcher.masked_fraction();
    const Projection projection = trained.dispatcher_projection();
    test.values = projection.apply(test.values);
    train.values = projection.apply(train.values);
    result["dispatcher_projected"] = measured(train, test, unused);
  }

  // The probe's head goes to `head`.
  Json view(const TrainedCascade& trained, CascadeMode mode, const std::string& name,
            std::optional<Head>& head) {
    CascadePredictor predictor(backbone_, trained.cascade, mode);
    const Features test = test_features(name, trained, [&](auto&&... arguments) {
      return extract_features(predictor, arguments...);
    });
    return measured(trained.features(mode), test, head);
  }

  int64_t test_images() const { return test_images_; }
  const std::vector<std::string>& bad_images() const { return bad_images_; }

 private:
  template <typename Extract>
  Features test_features(const std::string& name, const TrainedCascade& trained,
                         const Extract& extract) {
    const InputOptions& input = options_.input;
    const Transform transform = input.test(trained.cascade.dispatcher.preprocessing);
    CountLine line(options_.shared, "test set, " + name);
    Features features = extract(data_.test, transform, input.loader(),
                                [&](int64_t done, int64_t total) { line.show(done, total); });
    test_images_ = features.labels.numel();
    bad_images_ = features.skipped;
    if (test_images_ == 0)
      throw Error(ErrorKind::corrupt_file, "expected test images that decode, got none");
    return features;
  }

  Json measured(const Features& train, const Features& test, std::optional<Head>& head) const {
    const at::Tensor votes = knn_scores(train, test.values, classes_, knn);
    LinearProbeOptions probe_options;
    probe_options.l2 = probe_l2_;
    const LinearProbe probe = fit_linear_probe(train, classes_, probe_options);
    head = probe.head();
    const auto accuracy = [&](const at::Tensor& scores) {
      return measure_accuracy(scores.argmax(1), test.labels, classes_).accuracy;
    };
    return {{"knn_accuracy", accuracy(votes)},
            {"lp_accuracy", accuracy(head_scores(*head, test.values))}};
  }

  Backbone& backbone_;
  const DataSplits& data_;
  const TrainOptions& options_;
  double probe_l2_;
  int64_t classes_;
  int64_t test_images_ = 0;
  std::vector<std::string> bad_images_;
};

Json expert_list(const TrainedCascade& trained) {
  Json experts = Json::array();
  for (size_t k = 0; k < trained.images.size(); ++k)
    experts.push_back({{"images", trained.images[k]},
                       {"epochs", trained.epochs[k]},
                       {"masked_fraction", trained.cascade.experts[k].masked_fraction()}});
  return experts;
}

void measure(Backbone& backbone, const DataSplits& data, const CascadeOptions& options,
             double probe_l2, TrainedCascade& trained, Json& result) {
  Cascade& cascade = trained.cascade;
  CascadeMeasurement measurement(backbone, data, options.train, probe_l2);
  measurement.dispatcher(trained, result);
  std::optional<Head> conditional, unconditional;
  result["conditional"] =
      measurement.view(trained, CascadeMode::conditional, "conditional", conditional);
  result["unconditional"] =
      measurement.view(trained, CascadeMode::unconditional, "unconditional", unconditional);
  result["n"] = measurement.test_images();
  result["k"] = knn.k;
  result["temperature"] = knn.temperature;
  if (!trained.joined.skipped.empty()) result["bad_training_images"] = trained.joined.skipped;
  if (!measurement.bad_images().empty()) result["bad_images"] = measurement.bad_images();
  if (options.no_heads) return;
  cascade.classes = data.train->class_names();
  cascade.conditional.head = std::move(conditional);
  cascade.unconditional.head = std::move(unconditional);
}

// What a file says of its making: nothing that differs between two runs of the same command.
void record_provenance(const Json& result, Cascade& cascade) {
  Json provenance = Json::parse(cascade.provenance);
  for (const char* key : {"method", "data", "seed", "commit", "epochs", "n", "dispatcher",
                          "conditional", "unconditional"})
    provenance[key] = result[key];
  cascade.provenance = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string default_out(const CascadeOptions& options) {
  return options.train.out.empty() ? "out.cascade" : options.train.out;
}

Json learn_cascade(Backbone& backbone, const CascadeOptions& options, OpenedData& opened) {
  const auto start = std::chrono::steady_clock::now();
  const SharedOptions& shared = options.shared;
  const std::string out = default_out(options);
  check_writable(out);
  const DataSplits data = opened.open(options.train.input, shared);
  const CascadeSettings settings = options.settings(backbone.info(), data.train->class_names());
  Json result = result_header("cascade", backbone, options.train.input, data, shared);
  result["epochs"] = settings.training.epochs;
  result["router"] = settings.router;

  CascadeProgress progress(shared);
  TrainedCascade trained = train_cascade(backbone, data, settings, progress.hooks());
  result["router_width"] = trained.cascade.router.projection.width();
  result["cluster_sizes"] = trained.images;
  result["experts"] = expert_list(trained);
  measure(backbone, data, options, settings.training.probe_l2, trained, result);
  record_provenance(result, trained.cascade);
  write_cascade(out, trained.cascade);
  result["masked_fraction"] = masked_fraction(trained.cascade);
  result["cascade_bytes"] = std::filesystem::file_size(out);
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["out"] = out;
  return result;
}

}  // namespace submask::cli
