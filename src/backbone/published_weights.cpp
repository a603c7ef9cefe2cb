#include "backbone/published_weights.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace submask {
namespace {

struct Published {
  std::string_view backbone, weights;
};

constexpr std::array published{
    Published{"resnet18", "hf:timm/resnet18.a1_in1k"},
    Published{"resnet34", "hf:timm/resnet34.a1_in1k"},
    Published{"resnet50", "hf:timm/resnet50.a1_in1k"},
    Published{"resnet101", "hf:timm/resnet101.a1h_in1k"},
    Published{"resnet152", "hf:timm/resnet152.a1h_in1k"},
    Published{"resnext50_32x4d", "hf:timm/resnext50_32x4d.a1h_in1k"},
    Published{"wide_resnet50_2", "hf:timm/wide_resnet50_2.racm_in1k"},
    Published{"resnet18d", "hf:timm/resnet18d.ra2_in1k"},
    Published{"resnet34d", "hf:timm/resnet34d.ra2_in1k"},
    Published{"resnet50d", "hf:timm/resnet50d.ra2_in1k"},
    Published{"resnet101d", "hf:timm/resnet101d.ra2_in1k"},
    Published{"resnetaa50", "hf:timm/resnetaa50.a1h_in1k"},
    Published{"resnetblur50", "hf:timm/resnetblur50.bt_in1k"},
    Published{"tf_efficientnet_lite0", "hf:timm/tf_efficientnet_lite0.in1k"},
    Published{"tf_efficientnet_lite1", "hf:timm/tf_efficientnet_lite1.in1k"},
    Published{"tf_efficientnet_lite2", "hf:timm/tf_efficientnet_lite2.in1k"},
    Published{"tf_efficientnet_lite3", "hf:timm/tf_efficientnet_lite3.in1k"},
    Published{"tf_efficientnet_lite4", "hf:timm/tf_efficientnet_lite4.in1k"},
    Published{"mobilenetv3_large_100", "hf:timm/mobilenetv3_large_100.ra_in1k"},
    Published{"mobilenetv3_small_100", "hf:timm/mobilenetv3_small_100.lamb_in1k"},
    Published{"convnext_tiny", "hf:timm/convnext_tiny.in12k_ft_in1k"},
    Published{"convnext_small", "hf:timm/convnext_small.in12k_ft_in1k"},
    Published{"convnext_base", "hf:timm/convnext_base.fb_in22k_ft_in1k"},
    Published{"vit_tiny_patch16_224", "hf:timm/vit_tiny_patch16_224.augreg_in21k_ft_in1k"},
    Published{"vit_small_patch32_224", "hf:timm/vit_small_patch32_224.augreg_in21k_ft_in1k"},
    Published{"vit_small_patch16_224", "hf:timm/vit_small_patch16_224.augreg_in21k_ft_in1k"},
    Published{"vit_base_patch32_224", "hf:timm/vit_base_patch32_224.augreg_in21k_ft_in1k"},
    Published{"vit_base_patch16_224", "hf:timm/vit_base_patch16_224.augreg2_in21k_ft_in1k"},
    Published{"vit_base_patch8_224", "hf:timm/vit_base_patch8_224.augreg2_in21k_ft_in1k"},
    Published{"vit_large_patch16_224", "hf:timm/vit_large_patch16_224.augreg_in21k_ft_in1k"},
    Published{"vit_small_patch16_224.dino", "hf:timm/vit_small_patch16_224.dino"},
    Published{"vit_small_patch8_224.dino", "hf:timm/vit_small_patch8_224.dino"},
    Published{"vit_base_patch16_224.dino", "hf:timm/vit_base_patch16_224.dino"},
    Published{"vit_base_patch8_224.dino", "hf:timm/vit_base_patch8_224.dino"},
    Published{"vit_base_patch16_224.mae", "hf:timm/vit_base_patch16_224.mae"},
    Published{"vit_large_patch16_224.mae", "hf:timm/vit_large_patch16_224.mae"},
    Published{"vit_base_patch16_224.mae_mean", "hf:timm/vit_base_patch16_224.mae"},
    Published{"vit_large_patch16_224.mae_mean", "hf:timm/vit_large_patch16_224.mae"},
    Published{"vit_small_patch14_dinov2", "hf:timm/vit_small_patch14_dinov2.lvd142m"},
    Published{"vit_small_patch14_reg4_dinov2", "hf:timm/vit_small_patch14_reg4_dinov2.lvd142m"},
    Published{"vit_base_patch14_dinov2", "hf:timm/vit_base_patch14_dinov2.lvd142m"},
    Published{"vit_base_patch14_reg4_dinov2", "hf:timm/vit_base_patch14_reg4_dinov2.lvd142m"},
    Published{"vit_large_patch14_dinov2", "hf:timm/vit_large_patch14_dinov2.lvd142m"},
    Published{"vit_large_patch14_reg4_dinov2", "hf:timm/vit_large_patch14_reg4_dinov2.lvd142m"},
    Published{"deit_tiny_distilled_patch16_224", "hf:timm/deit_tiny_distilled_patch16_224.fb_in1k"},
    Published{"deit_small_distilled_patch16_224",
              "hf:timm/deit_small_distilled_patch16_224.fb_in1k"},
    Published{"deit_base_distilled_patch16_224", "hf:timm/deit_base_distilled_patch16_224.fb_in1k"},
    Published{"vitb32-clip", "hf:timm/vit_base_patch32_clip_quickgelu_224.openai"},
    Published{"vitb16-clip", "hf:timm/vit_base_patch16_clip_quickgelu_224.openai"},
    Published{"vitl14-clip", "hf:timm/vit_large_patch14_clip_quickgelu_224.openai"},
    Published{"rn50-clip",
              "https://openaipublic.azureedge.net/clip/models/"
              "afeb0e10f9e5a86da6080e35cf09123aca3b358a0c3e3b6c78a7b63bc04b6762/RN50.pt"},
    Published{"vit_base_patch32_clip_224", "hf:timm/vit_base_patch32_clip_224.laion2b"},
    Published{"vit_base_patch16_clip_224", "hf:timm/vit_base_patch16_clip_224.laion2b"},
    Published{"vit_large_patch14_clip_224", "hf:timm/vit_large_patch14_clip_224.laion2b"}};

}  // namespace

std::string published_weights(const std::string& backbone) {
  const auto found = std::ranges::find(published, backbone, &Published::backbone);
  return found == published.end() ? "" : std::string(found->weights);
}

}  // namespace submask
