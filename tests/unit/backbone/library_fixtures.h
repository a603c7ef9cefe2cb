// The fixtures of files in other libraries' layouts, by tests/reference/make_transformers.py and
// make_field_networks.py: NAME_file.json in tests/golden/backbone.
#pragma once

#include <string>
#include <vector>

namespace submask {

inline std::vector<std::string> library_fixtures() {
  return {
      "timm_vit",
      "timm_dinov2",
      "mae_mean",
      "mocov3",
      "transformers_vit",
      "transformers_dinov2",
      "transformers_clip",
      "open_clip_vit",
      "open_clip_gelu",
      "open_clip_resnet",
      "torchvision_vit",
      "torchvision_mobilenet_small",
      "torchvision_mobilenet_large",
      "torchvision_convnext",
      "transformers_resnet18",
      "transformers_resnet50",
      "transformers_dinov2_registers",
      "transformers_deit",
      "timm_registers",
      "timm_deit",
      "solo_learn",
      "lightly_resnet18",
      "lightly_resnet50",
  };
}

}  // namespace submask
