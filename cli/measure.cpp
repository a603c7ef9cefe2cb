#include "cli/measure.h"

#include <algorithm>
#include <chrono>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/version.h>

#include "cli/option/number_checks.h"
#include "cli/output/progress_line.h"
#include "data/batch/image_cache.h"
#include "evaluate/feature_cache.h"

namespace submask::cli {
namespace {

// A few of the names.
std::string listed(const std::vector<std::string>& names) {
  constexpr size_t most = 5;
  std::string list;
  for (size_t i = 0; i < std::min(most, names.size()); ++i) list += (i == 0 ? "" : ", ") + names[i];
  if (names.size() > most) list += " and " + std::to_string(names.size() - most) + " more";
  return list;
}

// What makes results of these training features doubtful, a line each.
std::vector<std::string> doubts_about(const Features& train,
                                      const std::vector<std::string>& class_names) {
  std::vector<std::string> lines, single;
  const int64_t count = train.labels.numel();
  if (count > 1 && (train.values == train.values[0]).all().item<bool>())
    lines.push_back("all " + std::to_string(count) +
                    " features are equal: nothing can tell the classes apart by them");
  const at::Tensor samples = at::bincount(train.labels, {}, std::ssize(class_names));
  for (size_t i = 0; i < class_names.size(); ++i)
    if (samples[static_cast<int64_t>(i)].item<int64_t>() == 1) single.push_back(class_names[i]);
  if (!single.empty()) lines.push_back("one image only of " + listed(single));
  return lines;
}

}  // namespace

void MeasureOptions::add_to(CLI::App& command) {
  const auto group = "Measuring";
  command
      .add_option_function<std::string>(
          "--knn-preset", [this](const std::string& name) { knn = knn_preset(name); },
          "paper (k 200, T .1) or dino (k 20, T .07)")
      ->check(CLI::IsMember({"paper", "dino"}))
      ->group(group);
  command.add_option("--k", knn.k, "Neighbours of kNN")->check(positive_number())->group(group);
  command.add_option("--temperature", knn.temperature, "Votes of kNN: exp(cosine / T)")
      ->check(positive_number())
      ->group(group);
}

Measurement::Measurement(Backbone& backbone, const DataSplits& data, Transform transform,
                         const InputOptions& input, const SharedOptions& shared)
    : backbone_(backbone),
      data_(data),
      transform_(std::move(transform)),
      input_(input),
      shared_(shared) {}

// Runs the network over a split.
Features Measurement::extract(const std::shared_ptr<const Dataset>& dataset, const char* what) {
  LoaderOptions loader = input_.loader();
  loader.cache = open_image_cache(*dataset, transform_, input_.cache);
  if (loader.cache) note(shared_, "cache: " + describe(*loader.cache));
  const auto start = std::chrono::steady_clock::now();
  CountLine line(shared_, what);
  const auto show = [&](int64_t done, int64_t total) { line.show(done, total); };
  Features features = cascade_ != nullptr
                          ? extract_features(*cascade_, dataset, transform_, loader, show)
                          : extract_features(backbone_, dataset, transform_, loader, show);
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  images_ += features.labels.numel();
  return features;
}

// The same, or what the last run kept of it.
Features Measurement::features_of(const std::shared_ptr<const Dataset>& dataset, const char* what) {
  Features features;
  if (input_.feature_cache.empty() || cascade_ != nullptr) {
    features = extract(dataset, what);
  } else {
    const FeatureCache cache(input_.feature_cache,
                             [&](const std::string& line) { note(shared_, line); });
    features = cache.features(
        {backbone_, *dataset, transform_, input_.data.pixel_limit, input_.skip_bad_images},
        [&] { return extract(dataset, what); });
  }
  for (const std::string& name : features.skipped)
    note(shared_, "skipped " + name + ": it does not decode");
  if (features.labels.numel() == 0)
    throw Error(ErrorKind::corrupt_file,
                std::string("expected images that decode, got none, in the ") + what);
  return features;
}

const Features& Measurement::test() {
  if (!test_.values.defined()) test_ = features_of(data_.test, "test set");
  return test_;
}

// With a cache those of all images that labels were chosen of, which every choice then shares.
Features Measurement::training_features() {
  const auto& all = data_.labelled_of;
  if (!all || input_.feature_cache.empty() || cascade_ != nullptr)
    return features_of(data_.train, "training set");
  return select_features(features_of(all, "training set"), *all, data_.labelled);
}

const Features& Measurement::bank() {
  if (!bank_.values.defined()) {
    bank_ = training_features();
    for (const std::string& line : doubts_about(bank_, data_.train->class_names()))
      note(shared_, "training set: " + line);
  }
  return bank_;
}

// In float64, where classes whose logits differ keep their order.
at::Tensor Measurement::head_probabilities(const std::optional<Head>& head) {
  if (!head)
    throw Error(ErrorKind::invalid_argument,
                "expected a head (a task's, or a classifier in the weight file), got none");
  const int64_t known = head_size(*head).classes;
  if (known != classes())
    throw Error(ErrorKind::invalid_argument, "expected a head for the data's " +
                                                 std::to_string(classes()) +
                                                 " classes, got one for " + std::to_string(known));
  return head_scores(*head, test().values).to(at::kDouble).softmax(1);
}

at::Tensor Measurement::knn_probabilities(const KnnOptions& options) {
  const int64_t there = bank().labels.numel();
  if (options.k > there)
    note(shared_, "k " + std::to_string(options.k) + " is more than the bank's " +
                      std::to_string(there) + " features: all of them vote");
  return knn_scores(bank(), test().values, classes(), options);
}

Accuracy Measurement::accuracy_of(const at::Tensor& probabilities) {
  return measure_accuracy(probabilities.argmax(1), test().labels, classes());
}

Head Measurement::probe_head(double l2) {
  LinearProbeOptions options;
  options.l2 = l2;
  return fit_linear_probe(bank(), classes(), options).head();
}

Head Measurement::neighbour_head(const KnnOptions& options) {
  return bank_head(bank(), classes(), options);
}

void Measurement::report(const Accuracy& accuracy, Json& result) const {
  result["accuracy"] = accuracy.accuracy;
  result["mean_class_accuracy"] = accuracy.mean_class_accuracy;
  result["n"] = accuracy.count;
  const std::vector<std::string>& skipped = test_.skipped;
  if (!skipped.empty()) result["bad_images"] = skipped;
}

Json result_header(const std::string& method, const Backbone& backbone, const InputOptions& input,
                   const DataSplits& data, const SharedOptions& shared) {
  return {{"method", method},
          {"backbone", backbone.info().name},
          {"weights_identity", backbone.identity()},
          {"data", input.data.spec},
          {"data_digest", data.train->digest()},
          {"seed", shared.seed},
          {"commit", commit()}};
}

}  // namespace submask::cli
