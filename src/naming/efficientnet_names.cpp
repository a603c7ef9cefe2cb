#include "naming/efficientnet_names.h"

#include <array>
#include <cmath>
#include <string>

namespace submask {
namespace {

constexpr std::array outer_names{Rename{"_conv_stem.*", "conv_stem.*"}, Rename{"_bn0.*", "bn1.*"},
                                 Rename{"_conv_head.*", "conv_head.*"}, Rename{"_bn1.*", "bn2.*"},
                                 Rename{"_fc.*", "classifier.*"}};
// A block of EfficientNet-PyTorch has a _bn0 only where it expands.
constexpr std::array separable_names{
    Rename{"_depthwise_conv.*", "conv_dw.*"}, Rename{"_bn1.*", "bn1.*"},
    Rename{"_project_conv.*", "conv_pw.*"}, Rename{"_bn2.*", "bn2.*"}};
constexpr std::array inverted_names{
    Rename{"_expand_conv.*", "conv_pw.*"},    Rename{"_bn0.*", "bn1.*"},
    Rename{"_depthwise_conv.*", "conv_dw.*"}, Rename{"_bn1.*", "bn2.*"},
    Rename{"_project_conv.*", "conv_pwl.*"},  Rename{"_bn2.*", "bn3.*"}};

}  // namespace

CheckpointLayout efficientnet_pytorch_layout(std::span<const int64_t> blocks) {
  CheckpointLayout layout;
  layout.name = "EfficientNet-PyTorch";
  add_rules(layout.rules, outer_names);
  int64_t number = 0;  // EfficientNet-PyTorch counts blocks through all stages
  for (size_t stage = 0; stage < blocks.size(); ++stage)
    for (int64_t block = 0; block < blocks[stage]; ++block) {
      const std::string from = "_blocks." + std::to_string(number++) + ".";
      const std::string to = "blocks." + std::to_string(stage) + "." + std::to_string(block) + ".";
      if (stage == 0) {
        add_rules(layout.rules, separable_names, from, to);
      } else {
        add_rules(layout.rules, inverted_names, from, to);
      }
    }
  return layout;
}

std::vector<int64_t> efficientnet_lite_blocks(double depth) {
  std::vector<int64_t> blocks{1, 2, 2, 3, 3, 4, 1};
  for (size_t stage = 1; stage + 1 < blocks.size(); ++stage)
    blocks[stage] = static_cast<int64_t>(std::ceil(depth * static_cast<double>(blocks[stage])));
  return blocks;
}

std::vector<CheckpointLayout> efficientnet_lite_layouts() {
  std::vector<CheckpointLayout> layouts;
  for (const double depth : {1.0, 1.1, 1.4, 1.8})
    layouts.push_back(efficientnet_pytorch_layout(efficientnet_lite_blocks(depth)));
  return layouts;
}

}  // namespace submask
