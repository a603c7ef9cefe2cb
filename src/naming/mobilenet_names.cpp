#include "naming/mobilenet_names.h"

#include <span>
#include <string>
#include <string_view>

#include "base/fail.h"

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

class LayoutMaker {
 public:
  CheckpointLayout make(std::span<const Block> blocks) {
    layout_.name = "torchvision";
    layout_.norm_epsilon = 1e-3;
    layout_.preprocessing = torchvision_preprocessing();
    add_unit("features.0", "conv_stem", "bn1");
    int stage = -1, in_stage = 0;
    for (size_t i = 0; i < blocks.size(); ++i) {
      in_stage = blocks[i].stage == stage ? in_stage + 1 : 0;
      stage = blocks[i].stage;
      add_block(text("features.", i + 1, ".block."), text("blocks.", stage, ".", in_stage, "."),
                i > 0, blocks[i].squeezes);
    }
    const std::string last = text("blocks.", stage + 1, ".0.");
    add_unit(text("features.", blocks.size() + 1), last + "conv", last + "bn1");
    // A convolution over one pixel in timm, a matrix here.
    layout_.rules.push_back(
        {.from = "classifier.0.weight", .to = "conv_head.weight", .trailing_ones = 2});
    layout_.rules.push_back({.from = "classifier.0.bias", .to = "conv_head.bias"});
    layout_.rules.push_back({.from = "classifier.3.*", .to = "classifier.*"});
    return layout_;
  }

 private:
  // A convolution and its norm.
  void add_unit(const std::string& from, const std::string& convolution, const std::string& norm) {
    layout_.rules.push_back({.from = from + ".0.*", .to = convolution + ".*"});
    layout_.rules.push_back({.from = from + ".1.*", .to = norm + ".*"});
  }

  // The first block of the network does not expand.
  void add_block(const std::string& from, const std::string& to, bool expands, bool squeezes) {
    int part = 0;
    const auto next = [&] { return text(from, part++); };
    if (expands) add_unit(next(), to + "conv_pw", to + "bn1");
    add_unit(next(), to + "conv_dw", to + (expands ? "bn2" : "bn1"));
    if (squeezes) {
      const std::string squeeze = next();
      layout_.rules.push_back({.from = squeeze + ".fc1.*", .to = to + "se.conv_reduce.*"});
      layout_.rules.push_back({.from = squeeze + ".fc2.*", .to = to + "se.conv_expand.*"});
    }
    add_unit(next(), to + (expands ? "conv_pwl" : "conv_pw"), to + (expands ? "bn3" : "bn2"));
  }

  CheckpointLayout layout_;
};

}  // namespace

std::vector<CheckpointLayout> mobilenet_v3_layouts() {
  return {LayoutMaker().make(large), LayoutMaker().make(small)};
}

}  // namespace submask
