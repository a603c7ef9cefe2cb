#include "naming/foreign_networks.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace submask {
namespace {

struct ForeignName {
  std::string_view part;  // of a tensor's name, which no other network has
  std::string_view what;
};

constexpr std::array known{
    ForeignName{"reg_token", "as in ViTs with registers: *_reg4_dinov2"},
    ForeignName{"register_tokens", "as in ViTs with registers: *_reg4_dinov2"},
    ForeignName{"dist_token", "as in distilled DeiTs: deit_*_distilled_patch16_224"},
    ForeignName{"distillation_token", "as in distilled DeiTs: deit_*_distilled_patch16_224"},
    ForeignName{"fc_norm.", "as in ViTs pooled by mean: vit_*_patch16_224.mae_mean"},
    ForeignName{".grn.", "as in ConvNeXt V2, which no backbone here is"},
    ForeignName{"downsample.reduction.", "as in Swin Transformers, which no backbone here is"},
    ForeignName{"relative_position_bias_table", "as in BEiT or Swin, which no backbone here is"},
    ForeignName{".rope.", "as in networks with rotary positions, which no backbone here is"},
    ForeignName{"mlp_tokens.", "as in MLP-Mixers, which no backbone here is"},
    ForeignName{"denseblock", "as in DenseNets, which no backbone here is"},
    ForeignName{"_blocks.0._depthwise_conv.", "as in EfficientNet-PyTorch: tf_efficientnet_lite*"},
    ForeignName{"attnpool.", "as in CLIP's ResNets: rn50-clip"},
    ForeignName{"roi_heads.", "as in detectors, which no backbone here is"},
    ForeignName{"lora_A", "as in LoRA adapters, which hold no network"}};

}  // namespace

std::string foreign_network(const std::vector<std::string>& names) {
  for (const ForeignName& foreign : known)
    if (std::ranges::any_of(names, [&](const std::string& name) {
          return name.find(foreign.part) != std::string::npos;
        }))
      return "names " + std::string(foreign.what);
  return "";
}

}  // namespace submask
