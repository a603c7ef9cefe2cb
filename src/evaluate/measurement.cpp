#include "evaluate/measurement.h"

#include <algorithm>
#include <chrono>

#include <ATen/ATen.h>

#include <submask/head.h>

#include "base/fail.h"
#include "base/name_list.h"
#include "data/batch/image_cache.h"
#include "evaluate/feature_cache.h"

namespace submask {
namespace {

// What makes results of these training features doubtful, a line each.
std::vector<std::string> doubts_about(const Features& train,
                                      const std::vector<std::string>& class_names) {
  std::vector<std::string> lines;
  NameList single;
  const int64_t count = train.labels.numel();
  if (count > 1 && (train.values == train.values[0]).all().item<bool>())
    lines.push_back("all " + std::to_string(count) +
                    " features are equal: nothing can tell the classes apart by them");
  const at::Tensor samples = at::bincount(train.labels, {}, std::ssize(class_names));
  for (size_t i = 0; i < class_names.size(); ++i)
    if (samples[static_cast<int64_t>(i)].item<int64_t>() == 1) single.add(class_names[i]);
  if (single.count() > 0) lines.push_back("one image only of " + single.joined());
  return lines;
}

}  // namespace

Measurement::Measurement(Backbone& backbone, const DataSplits& data, MeasurementOptions options)
    : backbone_(backbone),
      data_(data),
      options_(std::move(options)),
      transform_(test_transform(options_.input, options_.preprocessing)) {}

void Measurement::note(const std::string& line) const {
  if (options_.hooks.note) options_.hooks.note(line);
}

// Runs the network over a split.
Features Measurement::extract(const std::shared_ptr<const Dataset>& dataset,
                              const std::string& split) {
  LoaderOptions loader = loader_options(options_.input);
  loader.cache = open_image_cache(*dataset, transform_, options_.input.cache);
  if (loader.cache) note("cache: " + describe(*loader.cache));
  const auto start = std::chrono::steady_clock::now();
  const auto show = [&](int64_t done, int64_t total) {
    if (options_.hooks.images) options_.hooks.images(split, done, total);
  };
  Features features = options_.extractor
                          ? options_.extractor(dataset, transform_, loader, show)
                          : extract_features(backbone_, dataset, transform_, loader, show);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  images_ += features.labels.numel();
  return features;
}

// The same, or what the last run kept of it.
Features Measurement::features_of(const std::shared_ptr<const Dataset>& dataset,
                                  const std::string& split) {
  Features features;
  if (keeps_features()) {
    const FeatureCache cache(options_.feature_cache, [&](const std::string& line) { note(line); });
    features = cache.features({backbone_, *dataset, transform_, options_.input.skip_bad_images},
                              [&] { return extract(dataset, split); });
  } else {
    features = extract(dataset, split);
  }
  for (const std::string& name : features.skipped) note("skipped " + name + ": it does not decode");
  if (features.labels.numel() == 0)
    fail(ErrorKind::corrupt_file, "expected images that decode, got none, in the ", split);
  return features;
}

const Features& Measurement::test() {
  if (!test_.values.defined()) test_ = features_of(data_.test, "test set");
  return test_;
}

// With a cache those of all images that labels were chosen of, which every choice then shares.
Features Measurement::training_features() {
  const auto& all = data_.labelled_of;
  if (!all || !keeps_features()) return features_of(data_.train, "training set");
  return select_features(features_of(all, "training set"), *all, data_.labelled);
}

const Features& Measurement::bank() {
  if (!bank_.values.defined()) {
    bank_ = training_features();
    for (const std::string& line : doubts_about(bank_, data_.train->class_names()))
      note("training set: " + line);
  }
  return bank_;
}

std::optional<double> Measurement::images_per_second() const {
  if (images_ == 0) return std::nullopt;
  return static_cast<double>(images_) / seconds_;
}

// In float64, where classes whose logits differ keep their order.
at::Tensor Measurement::head_probabilities(const std::optional<Head>& head) {
  if (!head) fail_argument("a head (a task's, or a classifier in the weight file)", "none");
  const int64_t known = head_size(*head).classes;
  if (known != classes())
    fail_argument(text("a head for the data's ", classes(), " classes"), text("one for ", known));
  return head_scores(*head, test().values).to(at::kDouble).softmax(1);
}

at::Tensor Measurement::knn_probabilities(const KnnOptions& options) {
  const int64_t there = bank().labels.numel();
  if (options.k > there)
    note(text("k ", options.k, " is more than the bank's ", there, " features: all of them vote"));
  return knn_scores(bank(), test().values, classes(), options);
}

Accuracy Measurement::accuracy_of(const at::Tensor& probabilities) {
  return measure_accuracy(probabilities.argmax(1), test().labels, classes());
}

Head Measurement::probe_head(std::optional<double> l2) {
  LinearProbeOptions options;
  options.l2 = l2;
  return fit_linear_probe(bank(), classes(), options).head();
}

Head Measurement::neighbour_head(const KnnOptions& options) {
  return bank_head(bank(), classes(), options);
}

}  // namespace submask
