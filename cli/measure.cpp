#include "cli/measure.h"

#include <chrono>
#include <iostream>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/head.h>
#include <submask/version.h>

#include "cli/progress_line.h"

namespace submask::cli {

void MeasureOptions::add_to(CLI::App& command) {
  const auto group = "Measuring";
  command
      .add_option_function<std::string>(
          "--knn-preset", [this](const std::string& name) { knn = knn_preset(name); },
          "paper (k 200, T .1) or dino (k 20, T .07)")
      ->check(CLI::IsMember({"paper", "dino"}))
      ->group(group);
  command.add_option("--k", knn.k, "Neighbours of kNN")->check(CLI::PositiveNumber)->group(group);
  command.add_option("--temperature", knn.temperature, "Votes of kNN: exp(cosine / T)")
      ->check(CLI::PositiveNumber)
      ->group(group);
}

Measurement::Measurement(Backbone& backbone, const DataSplits& data, Transform transform,
                         const InputOptions& input, const SharedOptions& shared)
    : backbone_(backbone),
      data_(data),
      transform_(std::move(transform)),
      input_(input),
      shared_(shared) {}

Features Measurement::extract(const std::shared_ptr<const Dataset>& dataset, const char* what) {
  const bool draw = !shared_.quiet && isatty(STDERR_FILENO) != 0;
  LoaderOptions loader = input_.loader();
  loader.cache = open_image_cache(*dataset, transform_, input_.cache);
  if (loader.cache) note(shared_, "cache: " + describe(*loader.cache));
  const auto start = std::chrono::steady_clock::now();
  Features features =
      extract_features(backbone_, dataset, transform_, loader, [&](int64_t done, int64_t total) {
        throw_if_interrupted();
        if (draw)
          std::cerr << "\r\033[K" << what << ": " << done << "/" << total << " images"
                    << std::flush;
      });
  seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  images_ += features.labels.numel();
  if (draw) std::cerr << "\r\033[K" << std::flush;
  for (const std::string& name : features.skipped)
    note(shared_, "skipped " + name + ": it does not decode");
  if (features.labels.numel() == 0)
    throw Error(ErrorKind::corrupt_file,
                std::string("expected images that decode, got none, in the ") + what);
  return features;
}

const Features& Measurement::test() {
  if (!test_.values.defined()) test_ = extract(data_.test, "test set");
  return test_;
}

const Features& Measurement::bank() {
  if (!bank_.values.defined()) bank_ = extract(data_.train, "training set");
  return bank_;
}

Accuracy Measurement::head(const TensorMap& head) {
  if (head.empty())
    throw Error(ErrorKind::invalid_argument,
                "expected a head (a task's, or a classifier in the weight file), got none");
  const int64_t known = head_matrix(head).size(0);
  if (known != classes())
    throw Error(ErrorKind::invalid_argument, "expected a head for the data's " +
                                                 std::to_string(classes()) +
                                                 " classes, got one for " + std::to_string(known));
  return measure_accuracy(head_scores(head, test().values).argmax(1), test().labels, classes());
}

Accuracy Measurement::knn(const KnnOptions& options) {
  return measure_accuracy(knn_scores(bank(), test().values, classes(), options).argmax(1),
                          test().labels, classes());
}

Accuracy Measurement::probe(double l2) {
  LinearProbeOptions options;
  options.l2 = l2;
  const LinearProbe probe = fit_linear_probe(bank(), classes(), options);
  return head({{"weight", probe.weight}, {"bias", probe.bias}});
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
