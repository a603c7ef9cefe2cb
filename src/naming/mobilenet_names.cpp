#include "naming/mobilenet_names.h"

#include <array>
#include <span>
#include <string>

namespace submask {
namespace {

struct Block {
  int stage;      // timm's number
  bool squeezes;  // squeeze and excitation
};

constexpr Block large[] = {{0, false}, {1, false}, {1, false}, {2, true},  {2, true},
                           {2, true},  {3, false}, {3, false}, {3, false}, {3, false},
                           {4, true},  {4, true},  {5, true},  {5, true},  {5, true}};
constexpr Block small[] = {{0, true}, {1, false}, {1, false}, {2, true}, {2, true}, {2, true},
                           {3, true}, {3, true},  {4, true},  {4, true}, {4, true}};

// A convolution and its norm, three times, behind the first part of a block.
constexpr std::array mobilenet_stem{Rename{"0.*", "conv_stem.*"}, Rename{"1.*", "bn1.*"}};
constexpr std::array expanding{Rename{"0.*", "conv_pw.*"}, Rename{"1.*", "bn1.*"}};
constexpr std::array filtering{Rename{"0.*", "conv_dw.*"}, Rename{"1.*", "bn2.*"}};
constexpr std::array filtering_first{Rename{"0.*", "conv_dw.*"}, Rename{"1.*", "bn1.*"}};
constexpr std::array squeezing{Rename{"fc1.*", "se.conv_reduce.*"},
                               Rename{"fc2.*", "se.conv_expand.*"}};
constexpr std::array narrowing{Rename{"0.*", "conv_pwl.*"}, Rename{"1.*", "bn3.*"}};
constexpr std::array mixing{Rename{"0.*", "conv_pw.*"}, Rename{"1.*", "bn2.*"}};
constexpr std::array last{Rename{"0.*", "conv.*"}, Rename{"1.*", "bn1.*"}};
constexpr std::array mobilenet_head{Rename{"classifier.0.weight", "conv_head.weight"},
                                    Rename{"classifier.0.bias", "conv_head.bias"},
                                    Rename{"classifier.3.*", "classifier.*"}};

std::string numbered(const std::string& before, size_t number) {
  return before + std::to_string(number) + ".";
}

// The first block of the network does not expand.
void add_block(CheckpointLayout& layout, const std::string& from, const std::string& to,
               bool expands, bool squeezes) {
  size_t part = 0;
  const auto add = [&](std::span<const Rename> names) {
    add_rules(layout.rules, names, numbered(from, part++), to);
  };
  if (expands) add(expanding);
  add(expands ? std::span<const Rename>(filtering) : filtering_first);
  if (squeezes) add(squeezing);
  add(expands ? std::span<const Rename>(narrowing) : mixing);
}

CheckpointLayout torchvision_mobilenet_layout(std::span<const Block> blocks) {
  CheckpointLayout layout;
  layout.name = "torchvision";
  layout.norm_epsilon = 1e-3;
  layout.preprocessing = torchvision_preprocessing();
  // A convolution over one pixel in timm, a matrix here.
  add_rules(layout.rules, mobilenet_head);
  layout.rules.front().trailing_ones = 2;
  add_rules(layout.rules, mobilenet_stem, "features.0.");
  size_t in_stage = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    in_stage = i > 0 && blocks[i].stage == blocks[i - 1].stage ? in_stage + 1 : 0;
    const std::string stage = numbered("blocks.", static_cast<size_t>(blocks[i].stage));
    add_block(layout, numbered("features.", i + 1) + "block.", numbered(stage, in_stage), i > 0,
              blocks[i].squeezes);
  }
  const auto stages = static_cast<size_t>(blocks.back().stage) + 1;
  add_rules(layout.rules, last, numbered("features.", blocks.size() + 1),
            numbered("blocks.", stages) + "0.");
  return layout;
}

}  // namespace

std::vector<CheckpointLayout> mobilenet_v3_layouts() {
  std::vector<CheckpointLayout> layouts;
  layouts.push_back(torchvision_mobilenet_layout(large));
  layouts.push_back(torchvision_mobilenet_layout(small));
  return layouts;
}

}  // namespace submask
