#include "naming/resnet_names.h"

#include <string>

#include "base/fail.h"

namespace submask {
namespace {

constexpr int layers = 4;

CheckpointLayout transformers_layout() {
  CheckpointLayout layout{
      .name = "transformers", .rules = {{"classifier.1.*", "fc.*"}}, .ignored = {}};
  const auto rule = [&](const std::string& from, const std::string& to) {
    layout.rules.push_back({.from = from, .to = to});
  };
  for (const std::string outer : {"resnet.", ""}) {
    rule(outer + "embedder.embedder.convolution.*", "conv1.*");
    rule(outer + "embedder.embedder.normalization.*", "bn1.*");
    for (int stage = 0; stage < layers; ++stage) {
      const std::string from = text(outer, "encoder.stages.", stage, ".layers.*."),
                        to = text("layer", stage + 1, ".*.");
      for (int i = 0; i < 3; ++i) {
        rule(text(from, "layer.", i, ".convolution.*"), text(to, "conv", i + 1, ".*"));
        rule(text(from, "layer.", i, ".normalization.*"), text(to, "bn", i + 1, ".*"));
      }
      rule(from + "shortcut.convolution.*", to + "downsample.0.*");
      rule(from + "shortcut.normalization.*", to + "downsample.1.*");
    }
  }
  return layout;
}

// `first` is the number of layer1.
CheckpointLayout numbered_layout(int first) {
  CheckpointLayout layout{.name = "numbered modules",
                          .rules = {{"0.weight", "conv1.weight"}, {"1.*", "bn1.*"}},
                          .ignored = {}};
  for (int layer = 0; layer < layers; ++layer)
    for (const char* module : {"conv*.*", "bn*.*", "downsample.*"})
      layout.rules.push_back(
          {text(first + layer, ".*.", module), text("layer", layer + 1, ".*.", module)});
  return layout;
}

}  // namespace

std::vector<CheckpointLayout> resnet_layouts() {
  // conv1, bn1, then perhaps an activation, then perhaps pooling.
  return {transformers_layout(), numbered_layout(4), numbered_layout(3), numbered_layout(2)};
}

}  // namespace submask
