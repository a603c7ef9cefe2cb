#include <algorithm>
#include <set>
#include <sstream>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/evaluate.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "base/joined.h"
#include "evaluate/feature_source.h"
#include "parallel/communicator.h"

namespace submask {
namespace {

// Batch statistics must not change while a network is only evaluated, and must change again in the
// training that goes on afterwards.
class EvaluationMode {
 public:
  explicit EvaluationMode(Network& network) : network_(network), training_(network.is_training()) {
    network_.eval();
  }
  ~EvaluationMode() { network_.train(training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  Network& network_;
  bool training_;
};

// Joins the features of all processes, in the order of the data set.
void join_shares(const Communicator& processes, const std::vector<int64_t>& images,
                 Features& features) {
  const at::Tensor order =
      processes.all_gather_rows(at::tensor(images, at::kLong)).argsort(/*stable=*/true);
  features.values = processes.all_gather_rows(features.values).index_select(0, order);
  features.labels = processes.all_gather_rows(features.labels).index_select(0, order);
  std::set<std::string> skipped;
  for (const std::string& names :
       processes.all_gather_text(joined(features.skipped, std::string_view("\0", 1)))) {
    std::istringstream lines(names);
    for (std::string name; std::getline(lines, name, '\0');) skipped.insert(name);
  }
  features.skipped.assign(skipped.begin(), skipped.end());
}

}  // namespace

Features collect_features(const FeatureSource& source, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress) {
  if (!dataset) fail_argument("a data set", "none");
  const at::NoGradGuard no_grad;
  const Communicator& processes = communicator();
  LoaderOptions in_order = loader;
  in_order.shuffle = false;
  in_order.drop_last = false;
  in_order.share = processes.rank();
  in_order.shares = processes.size();

  const int64_t total = dataset->size();
  Features result;
  result.values = at::empty({total, source.width}, at::kFloat);
  result.labels = at::empty({total}, at::kLong);
  Loader batches(std::move(dataset), transform, in_order);
  batches.start_epoch(0);
  std::vector<int64_t> images_done;  // the data set's numbers of the rows
  int64_t filled = 0;
  while (const std::optional<Batch> batch = batches.next()) {
    const int64_t count = batch->images().size(0);
    if (count > 0) {
      const at::Tensor images =
          normalise(batch->images().to(source.device), transform.preprocessing);
      result.values.narrow(0, filled, count).copy_(source.features(images));
      result.labels.narrow(0, filled, count).copy_(batch->labels);
      images_done.insert(images_done.end(), batch->indices.begin(), batch->indices.end());
      filled += count;
    }
    if (progress) progress(std::min(total, (batch->number + 1) * in_order.batch_size), total);
  }
  result.skipped = batches.bad_images();
  result.values = result.values.narrow(0, 0, filled);
  result.labels = result.labels.narrow(0, 0, filled);
  if (!processes.is_alone()) join_shares(processes, images_done, result);
  return result;
}

Features extract_features(Backbone& backbone, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress) {
  const EvaluationMode evaluation(network_of(backbone));
  const FeatureSource source{[&](const at::Tensor& images) { return backbone.features(images); },
                             backbone.info().feature_width,
                             backbone.theta().begin()->second.device()};
  return collect_features(source, std::move(dataset), transform, loader, progress);
}

std::vector<int64_t> decoded_images(const Dataset& dataset, const Features& features) {
  const std::set<std::string> skipped(features.skipped.begin(), features.skipped.end());
  std::vector<int64_t> decoded;
  for (int64_t i = 0; i < dataset.size(); ++i)
    if (skipped.empty() || !skipped.contains(dataset.image_name(i))) decoded.push_back(i);
  return decoded;
}

Features select_features(const Features& features, const Dataset& dataset,
                         const std::vector<int64_t>& chosen) {
  const std::vector<int64_t> decoded = decoded_images(dataset, features);
  std::vector<int64_t> row_of(static_cast<size_t>(dataset.size()), -1);
  for (size_t row = 0; row < decoded.size(); ++row)
    row_of[static_cast<size_t>(decoded[row])] = static_cast<int64_t>(row);
  std::vector<int64_t> rows;
  std::set<std::string> skipped;
  for (const int64_t image : chosen) {
    const int64_t row = row_of.at(static_cast<size_t>(image));
    if (row >= 0)
      rows.push_back(row);
    else
      skipped.insert(dataset.image_name(image));
  }
  const at::Tensor index = at::tensor(rows, at::kLong);
  return {features.values.index_select(0, index),
          features.labels.index_select(0, index),
          {skipped.begin(), skipped.end()}};
}

}  // namespace submask
