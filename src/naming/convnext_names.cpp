#include "naming/convnext_names.h"

#include <string>

namespace submask {
namespace {

CheckpointLayout authors_layout() {
  return {.name = "ConvNeXt",
          .rules = {{"downsample_layers.0.*", "stem.*"},
                    {"downsample_layers.*.*", "stages.*.downsample.*"},
                    {"stages.*.*.dwconv.*", "stages.*.blocks.*.conv_dw.*"},
                    {"stages.*.*.norm.*", "stages.*.blocks.*.norm.*"},
                    {"stages.*.*.pwconv1.*", "stages.*.blocks.*.mlp.fc1.*"},
                    {"stages.*.*.pwconv2.*", "stages.*.blocks.*.mlp.fc2.*"},
                    {"stages.*.*.gamma", "stages.*.blocks.*.gamma"},
                    {"norm.*", "head.norm.*"},
                    {"head.*", "head.fc.*"}},
          .ignored = {}};
}

// torchvision has stages and the layers between them in one sequence, in turn. Its gamma is
// [C, 1, 1].
CheckpointLayout torchvision_layout() {
  CheckpointLayout layout{.name = "torchvision",
                          .rules = {{"features.0.*", "stem.*"},
                                    {"classifier.0.*", "head.norm.*"},
                                    {"classifier.2.*", "head.fc.*"}},
                          .ignored = {}};
  for (int64_t stage = 0; stage < 4; ++stage) {
    const std::string to = "stages." + std::to_string(stage);
    for (const std::string part : {".0.*", ".1.*"})
      if (stage > 0)
        layout.rules.push_back(
            {"features." + std::to_string(2 * stage) + part, to + ".downsample" + part});
    const std::string from = "features." + std::to_string(2 * stage + 1) + ".*";
    layout.rules.push_back({from + ".block.0.*", to + ".blocks.*.conv_dw.*"});
    layout.rules.push_back({from + ".block.2.*", to + ".blocks.*.norm.*"});
    layout.rules.push_back({from + ".block.3.*", to + ".blocks.*.mlp.fc1.*"});
    layout.rules.push_back({from + ".block.5.*", to + ".blocks.*.mlp.fc2.*"});
    layout.rules.push_back({from + ".layer_scale", to + ".blocks.*.gamma"});
  }
  return layout;
}

// The names begin with "convnext." where the file has a classifier too.
CheckpointLayout transformers_convnext_layout() {
  CheckpointLayout layout{
      .name = "transformers", .rules = {{"classifier.*", "head.fc.*"}}, .ignored = {}};
  for (const std::string outer : {"convnext.", ""}) {
    const std::string block = outer + "encoder.stages.*.layers.*.";
    const std::vector<NameRule> rules{
        {outer + "embeddings.patch_embeddings.*", "stem.0.*"},
        {outer + "embeddings.layernorm.*", "stem.1.*"},
        {outer + "encoder.stages.*.downsampling_layer.*", "stages.*.downsample.*"},
        {block + "dwconv.*", "stages.*.blocks.*.conv_dw.*"},
        {block + "layernorm.*", "stages.*.blocks.*.norm.*"},
        {block + "pwconv1.*", "stages.*.blocks.*.mlp.fc1.*"},
        {block + "pwconv2.*", "stages.*.blocks.*.mlp.fc2.*"},
        {block + "layer_scale_parameter", "stages.*.blocks.*.gamma"},
        {outer + "layernorm.*", "head.norm.*"}};
    layout.rules.insert(layout.rules.end(), rules.begin(), rules.end());
  }
  return layout;
}

}  // namespace

std::vector<CheckpointLayout> convnext_layouts() {
  return {authors_layout(), torchvision_layout(), transformers_convnext_layout()};
}

}  // namespace submask
