#include "naming/convnext_names.h"

#include <array>
#include <string>

namespace submask {
namespace {

constexpr std::array authors_names{Rename{"downsample_layers.0.*", "stem.*"},
                                   Rename{"downsample_layers.*.*", "stages.*.downsample.*"},
                                   Rename{"stages.*.*.dwconv.*", "stages.*.blocks.*.conv_dw.*"},
                                   Rename{"stages.*.*.norm.*", "stages.*.blocks.*.norm.*"},
                                   Rename{"stages.*.*.pwconv1.*", "stages.*.blocks.*.mlp.fc1.*"},
                                   Rename{"stages.*.*.pwconv2.*", "stages.*.blocks.*.mlp.fc2.*"},
                                   Rename{"stages.*.*.gamma", "stages.*.blocks.*.gamma"},
                                   Rename{"norm.*", "head.norm.*"},
                                   Rename{"head.*", "head.fc.*"}};

constexpr std::array convnext_ends{Rename{"features.0.*", "stem.*"},
                                   Rename{"classifier.0.*", "head.norm.*"},
                                   Rename{"classifier.2.*", "head.fc.*"}};
constexpr std::array convnext_downsample{Rename{"0.*", "0.*"}, Rename{"1.*", "1.*"}};
constexpr std::array convnext_block{
    Rename{"*.block.0.*", "*.conv_dw.*"}, Rename{"*.block.2.*", "*.norm.*"},
    Rename{"*.block.3.*", "*.mlp.fc1.*"}, Rename{"*.block.5.*", "*.mlp.fc2.*"},
    Rename{"*.layer_scale", "*.gamma"}};

constexpr std::array convnext_head{Rename{"classifier.*", "head.fc.*"}};
constexpr std::array convnext_names{
    Rename{"embeddings.patch_embeddings.*", "stem.0.*"},
    Rename{"embeddings.layernorm.*", "stem.1.*"},
    Rename{"encoder.stages.*.downsampling_layer.*", "stages.*.downsample.*"},
    Rename{"encoder.stages.*.layers.*.dwconv.*", "stages.*.blocks.*.conv_dw.*"},
    Rename{"encoder.stages.*.layers.*.layernorm.*", "stages.*.blocks.*.norm.*"},
    Rename{"encoder.stages.*.layers.*.pwconv1.*", "stages.*.blocks.*.mlp.fc1.*"},
    Rename{"encoder.stages.*.layers.*.pwconv2.*", "stages.*.blocks.*.mlp.fc2.*"},
    Rename{"encoder.stages.*.layers.*.layer_scale_parameter", "stages.*.blocks.*.gamma"},
    Rename{"layernorm.*", "head.norm.*"}};

CheckpointLayout authors_layout() {
  CheckpointLayout layout;
  layout.name = "ConvNeXt";
  add_rules(layout.rules, authors_names);
  return layout;
}

// torchvision has stages and the layers between them in one sequence, in turn. Its gamma is
// [C, 1, 1].
CheckpointLayout torchvision_convnext_layout() {
  CheckpointLayout layout;
  layout.name = "torchvision";
  add_rules(layout.rules, convnext_ends);
  for (int stage = 0; stage < 4; ++stage) {
    const auto features = [](int number) { return "features." + std::to_string(number) + "."; };
    const std::string to = "stages." + std::to_string(stage) + ".";
    if (stage > 0)
      add_rules(layout.rules, convnext_downsample, features(2 * stage), to + "downsample.");
    add_rules(layout.rules, convnext_block, features(2 * stage + 1), to + "blocks.");
  }
  return layout;
}

// The names begin with "convnext." where the file has a classifier too.
CheckpointLayout transformers_convnext_layout() {
  CheckpointLayout layout;
  layout.name = "transformers";
  add_rules(layout.rules, convnext_head);
  for (const std::string outer : {"convnext.", ""}) add_rules(layout.rules, convnext_names, outer);
  return layout;
}

}  // namespace

std::vector<CheckpointLayout> convnext_layouts() {
  std::vector<CheckpointLayout> layouts;
  layouts.push_back(authors_layout());
  layouts.push_back(torchvision_convnext_layout());
  layouts.push_back(transformers_convnext_layout());
  return layouts;
}

}  // namespace submask
