#include "naming/resnet_names.h"

#include <array>
#include <string>

namespace submask {
namespace {

constexpr int layers = 4;

constexpr std::array resnet_stem{Rename{"embedder.embedder.convolution.*", "conv1.*"},
                                 Rename{"embedder.embedder.normalization.*", "bn1.*"}};
constexpr std::array resnet_block{Rename{"layer.0.convolution.*", "conv1.*"},
                                  Rename{"layer.0.normalization.*", "bn1.*"},
                                  Rename{"layer.1.convolution.*", "conv2.*"},
                                  Rename{"layer.1.normalization.*", "bn2.*"},
                                  Rename{"layer.2.convolution.*", "conv3.*"},
                                  Rename{"layer.2.normalization.*", "bn3.*"},
                                  Rename{"shortcut.convolution.*", "downsample.0.*"},
                                  Rename{"shortcut.normalization.*", "downsample.1.*"}};
constexpr std::array resnet_head{Rename{"classifier.1.*", "fc.*"}};

constexpr std::array numbered_stem{Rename{"0.weight", "conv1.weight"}, Rename{"1.*", "bn1.*"}};
constexpr std::array numbered_block{Rename{"conv*.*", "conv*.*"}, Rename{"bn*.*", "bn*.*"},
                                    Rename{"downsample.*", "downsample.*"}};

std::string block_of(int layer) { return "layer" + std::to_string(layer + 1) + ".*."; }

CheckpointLayout transformers_resnet_layout() {
  CheckpointLayout layout;
  layout.name = "transformers";
  add_rules(layout.rules, resnet_head);
  for (const std::string outer : {"resnet.", ""}) {
    add_rules(layout.rules, resnet_stem, outer);
    for (int stage = 0; stage < layers; ++stage)
      add_rules(layout.rules, resnet_block,
                outer + "encoder.stages." + std::to_string(stage) + ".layers.*.", block_of(stage));
  }
  return layout;
}

// `first` is the number of layer1.
CheckpointLayout numbered_layout(int first) {
  CheckpointLayout layout;
  layout.name = "numbered modules";
  add_rules(layout.rules, numbered_stem);
  for (int layer = 0; layer < layers; ++layer)
    add_rules(layout.rules, numbered_block, std::to_string(first + layer) + ".*.", block_of(layer));
  return layout;
}

}  // namespace

std::vector<CheckpointLayout> resnet_layouts() {
  // conv1, bn1, then perhaps an activation, then perhaps pooling.
  std::vector<CheckpointLayout> layouts;
  layouts.push_back(transformers_resnet_layout());
  for (const int first : {4, 3, 2}) layouts.push_back(numbered_layout(first));
  return layouts;
}

}  // namespace submask
