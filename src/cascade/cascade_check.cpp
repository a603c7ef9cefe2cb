#include "cascade/cascade_check.h"

#include <ATen/ATen.h>

#include <submask/head.h>

#include "base/fail.h"
#include "base/names.h"

namespace submask {
namespace {

void check_tensor(const at::Tensor& tensor, at::IntArrayRef shape, const std::string& name,
                  const std::string& file) {
  if (tensor.sizes() != shape) fail_corrupt(text(name, " of shape ", shape), tensor.sizes(), file);
  if (!at::isfinite(tensor).all().item<bool>())
    fail_corrupt("finite values of " + name, "NaN or infinity", file);
}

void check_projection(const Projection& projection, int64_t inputs, const std::string& name,
                      const std::string& file) {
  if (projection.components.dim() != 2 || projection.width() < 1)
    fail_corrupt(name + "components as a matrix", projection.components.sizes(), file);
  check_tensor(projection.mean, {inputs}, name + "mean", file);
  check_tensor(projection.components, {projection.width(), inputs}, name + "components", file);
  check_tensor(projection.scale, {projection.width()}, name + "scale", file);
}

void check_router(const Router& router, int64_t experts, const std::string& file) {
  const int64_t width = router.projection.width();
  std::map<std::string, std::vector<int64_t>> shapes;
  if (router.kind == RouterKind::gmm)
    shapes = {{"weights", {experts}},
              {"means", {experts, width}},
              {"precision_factors", {experts, width, width}}};
  else
    shapes = {{"centres", {experts, width}}};
  for (const auto& [name, tensor] : router.parameters)
    if (!shapes.contains(name))
      fail_corrupt("tensors of a " + name_of(router.kind) + " router", name, file);
  for (const auto& [name, shape] : shapes) {
    const auto found = router.parameters.find(name);
    if (found == router.parameters.end()) fail_corrupt("router." + name, "none", file);
    check_tensor(found->second, shape, "router." + name, file);
  }
  if (router.kind == RouterKind::kmeans) return;
  const at::Tensor diagonals = router.parameters.at("precision_factors").diagonal(0, 1, 2);
  if (!(diagonals > 0).all().item<bool>())
    fail_corrupt("precision factors of diagonals above 0", "others", file);
  if (!(router.parameters.at("weights") > 0).all().item<bool>())
    fail_corrupt("weights of a mixture above 0", "others", file);
}

void check_head(const CascadeView& view, int64_t classes, const std::string& name,
                const std::string& file) {
  if (!view.head) return;
  const HeadSize size = head_size(*view.head);
  if (size.classes != classes || size.width != view.projection.width())
    fail_corrupt(text("a head in ", name, " for ", classes, " classes and ",
                      view.projection.width(), " features"),
                 text(size.classes, " and ", size.width), file);
}

void check_members(const Cascade& cascade, const std::string& file) {
  if (cascade.experts.empty()) fail_corrupt("at least one expert", "none", file);
  const PackedTask& dispatcher = cascade.dispatcher;
  if (!dispatcher.head.empty()) fail_corrupt("a dispatcher without a head", "one", file);
  for (const PackedTask& expert : cascade.experts) {
    if (!expert.head.empty()) fail_corrupt("experts without heads", "one", file);
    if (expert.backbone != dispatcher.backbone ||
        expert.weights_identity != dispatcher.weights_identity)
      fail_corrupt("experts of the dispatcher's backbone " + dispatcher.weights_identity,
                   expert.weights_identity, file);
    if (expert.preprocessing != dispatcher.preprocessing)
      fail_corrupt("experts of the dispatcher's preprocessing", "another", file);
  }
}

}  // namespace

void check_cascade(const Cascade& cascade, const std::string& file) {
  check_members(cascade, file);
  const Router& router = cascade.router;
  if (router.projection.mean.dim() != 1)
    fail_corrupt("router.mean as a vector", router.projection.mean.sizes(), file);
  const int64_t experts = std::ssize(cascade.experts), width = router.projection.mean.size(0);
  check_projection(router.projection, width, "router.", file);
  check_router(router, experts, file);
  const auto classes = static_cast<int64_t>(cascade.classes.size());
  for (const auto& [name, view] : {std::pair("conditional.", &cascade.conditional),
                                   std::pair("unconditional.", &cascade.unconditional)}) {
    check_projection(view->projection, (1 + experts) * width, name, file);
    check_head(*view, classes, name, file);
  }
}

}  // namespace submask
