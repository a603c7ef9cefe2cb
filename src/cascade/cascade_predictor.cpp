#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "backbone/network.h"
#include "base/fail.h"
#include "cascade/cascade.h"
#include "evaluate/feature_source.h"
#include "mask/weight_set.h"

namespace submask {

const CascadeView& Cascade::view(CascadeMode mode) const {
  return mode == CascadeMode::conditional ? conditional : unconditional;
}

void check_cascade_fits(const Cascade& cascade, const Backbone& backbone) {
  if (cascade.dispatcher.weights_identity != backbone.identity())
    fail_argument(
        text("a cascade for ", backbone.info().name, " with weights ", backbone.identity()),
        text("one for ", cascade.dispatcher.backbone, " with weights ",
             cascade.dispatcher.weights_identity));
  const int64_t width = cascade.router.projection.mean.size(0);
  if (width != backbone.info().feature_width)
    fail_argument(text("a router for features of width ", backbone.info().feature_width), width);
}

at::Tensor conditional_rows(const at::Tensor& joined, const at::Tensor& routes, int64_t experts) {
  const int64_t width = joined.size(1) / (1 + experts);
  at::Tensor rows = joined.clone();
  for (int64_t k = 0; k < experts; ++k)
    rows.narrow(1, (1 + k) * width, width).masked_fill_(routes.ne(k).unsqueeze(1), 0);
  return rows;
}

CascadePredictor::CascadePredictor(Backbone& backbone, const Cascade& cascade, CascadeMode mode)
    : backbone_(backbone), cascade_(cascade), mode_(mode) {
  check_cascade_fits(cascade, backbone);
  std::vector<std::shared_ptr<const WeightSet>> weights;
  const auto expand = [&](const Task& member) {
    const auto set = std::make_shared<WeightSet>();
    apply_task(member, backbone, *set);
    weights.push_back(set);
  };
  const Task dispatcher = unpack_task(cascade.dispatcher, backbone);
  expand(dispatcher);
  for (const PackedTask& expert : cascade.experts)
    expand(unpack_task(expert, backbone, &dispatcher));
  weights_of_ = [kept = std::move(weights)](size_t member) { return kept[member]; };
}

CascadePredictor::CascadePredictor(Backbone& backbone, const Cascade& cascade, CascadeMode mode,
                                   WeightsOfMember weights_of)
    : backbone_(backbone), cascade_(cascade), mode_(mode), weights_of_(std::move(weights_of)) {
  check_cascade_fits(cascade, backbone);
}

at::Tensor CascadePredictor::pass(size_t member, const at::Tensor& images) {
  const auto weights = weights_of_(member);
  const WeightBinding binding(backbone_, *weights);
  network_of(backbone_).eval();
  image_passes_ += images.size(0);
  return backbone_.features(images).to(at::kCPU, at::kFloat);
}

// In the conditional mode the images of each expert go through the network as one group.
at::Tensor CascadePredictor::features(const at::Tensor& images) {
  const at::NoGradGuard no_grad;
  const at::Tensor first = pass(0, images);
  const int64_t width = first.size(1), experts = std::ssize(cascade_.experts);
  at::Tensor joined = at::zeros({images.size(0), (1 + experts) * width}, at::kFloat);
  joined.narrow(1, 0, width).copy_(first);
  at::Tensor routes;
  if (mode_ == CascadeMode::conditional) routes = cascade_.router.route(first);
  for (int64_t k = 0; k < experts; ++k) {
    at::Tensor block = joined.narrow(1, (1 + k) * width, width);
    const auto member = static_cast<size_t>(1 + k);
    if (!routes.defined()) {
      block.copy_(pass(member, images));
      continue;
    }
    const at::Tensor routed = routes.eq(k).nonzero().squeeze(1);
    if (routed.numel() == 0) continue;
    const at::Tensor group = images.index_select(0, routed.to(images.device()));
    block.index_copy_(0, routed, pass(member, group.contiguous(images.suggest_memory_format())));
  }
  return view().projection.apply(joined);
}

at::Tensor CascadePredictor::logits(const at::Tensor& images) {
  if (!view().head)
    fail_argument("a cascade with a head for this mode, as submask cascade adds one", "none");
  return head_scores(*view().head, features(images));
}

Features extract_features(CascadePredictor& predictor, std::shared_ptr<const Dataset> dataset,
                          const Transform& transform, const LoaderOptions& loader,
                          const std::function<void(int64_t, int64_t)>& progress) {
  const FeatureSource source{[&](const at::Tensor& images) { return predictor.features(images); },
                             predictor.width(),
                             predictor.backbone().theta().begin()->second.device()};
  return collect_features(source, std::move(dataset), transform, loader, progress);
}

}  // namespace submask
