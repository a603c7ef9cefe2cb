#include "learn/train_cascade.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "base/names.h"
#include "learn/cascade_run.h"
#include "numeric/pca.h"

namespace submask {
namespace {

void check_settings(const CascadeTraining& settings) {
  if (settings.training.method != Method::ssl_fs)
    fail_argument("the method ssl-fs for a cascade", name_of(settings.training.method));
  if (settings.experts < 1) fail_argument("at least one expert", settings.experts);
  if (settings.router_width < 1)
    fail_argument("a router of width 1 or more", settings.router_width);
}

}  // namespace

int64_t expert_epochs(int64_t images, int64_t cluster, int64_t dispatcher_epochs) {
  const double share = static_cast<double>(images) / static_cast<double>(cluster);
  return std::max<int64_t>(1, std::llround(share * static_cast<double>(dispatcher_epochs)));
}

Features TrainedCascade::features(CascadeMode mode) const {
  const auto experts = static_cast<int64_t>(cascade.experts.size());
  Features features = joined;
  if (mode == CascadeMode::conditional)
    features.values = conditional_rows(joined.values, routes, experts);
  features.values = cascade.view(mode).projection.apply(features.values);
  return features;
}

Features TrainedCascade::dispatcher_features() const {
  Features features = joined;
  const int64_t members = 1 + std::ssize(cascade.experts);
  features.values = joined.values.narrow(1, 0, joined.values.size(1) / members);
  return features;
}

Projection TrainedCascade::dispatcher_projection() const {
  const at::Tensor rows = dispatcher_features().values;
  return fit_view(rows, rows.size(1));
}

TrainedCascade train_cascade(Backbone& backbone, const DataSplits& data,
                             const CascadeTraining& settings, const RunHooks& hooks) {
  check_settings(settings);
  return CascadeRun(backbone, data, settings, hooks).run();
}

}  // namespace submask
