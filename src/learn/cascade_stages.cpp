#include "learn/cascade_stages.h"

#include <utility>

namespace submask {
namespace {
constexpr const char* router_projection = "projection.";
}  // namespace

TensorMap projection_tensors(const std::string& prefix, const Projection& projection) {
  return {{prefix + "mean", projection.mean},
          {prefix + "components", projection.components},
          {prefix + "scale", projection.scale}};
}

Projection projection_from_tensors(const std::string& prefix, const TensorMap& tensors) {
  return {tensors.at(prefix + "mean"), tensors.at(prefix + "components"),
          tensors.at(prefix + "scale")};
}

TensorMap router_tensors(const Router& router) {
  TensorMap tensors = projection_tensors(router_projection, router.projection);
  for (const auto& [name, tensor] : router.parameters) tensors[name] = tensor;
  return tensors;
}

Router router_from_tensors(RouterKind kind, TensorMap tensors) {
  Router router{kind, projection_from_tensors(router_projection, tensors), {}};
  std::erase_if(tensors,
                [](const auto& item) { return item.first.starts_with(router_projection); });
  router.parameters = std::move(tensors);
  return router;
}

}  // namespace submask
