#include "learn/objective.h"

#include <ATen/ATen.h>

namespace submask {

at::Tensor features_of_crops(Backbone& backbone, const std::vector<at::Tensor>& crops) {
  std::vector<at::Tensor> features;
  features.reserve(crops.size());
  for (const at::Tensor& kind : crops) features.push_back(backbone.features(kind));
  return at::cat(features).to(at::kFloat);
}

int64_t crops_an_image(const std::vector<CropRecipe>& kinds) {
  int64_t count = 0;
  for (const CropRecipe& kind : kinds) count += kind.count;
  return count;
}

}  // namespace submask
