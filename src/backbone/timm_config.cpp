#include "backbone/timm_config.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "backbone/clip_activation.h"
#include "backbone/preprocessing_config.h"
#include "base/fail.h"

namespace submask {
namespace {

using nlohmann::json;

json parse_object(const std::string& content, const std::string& file) {
  json object = json::parse(content, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) fail_corrupt("a JSON object", "other content", file);
  return object;
}

// Refuses the architecture of another registered backbone. A backbone may be named by the weights'
// tag too: vit_small_patch16_224.dino. Returns a line where the name is not known.
std::string check_architecture(const BackboneInfo& info, const std::string& named,
                               const std::string& tag, const std::string& file) {
  const std::string base = info.name.substr(0, info.name.find('.'));
  if (named == info.name || named + "." + tag == info.name) return "";
  if (named == base && !tag.empty() && info.name.starts_with(base + "." + tag)) return "";
  if (named == clip_twin(info.name)) return "";  // check_clip_activation() tells them apart
  for (const BackboneInfo& other : backbone_list())
    if (other.name == named) fail_corrupt("weights of " + info.name, "those of " + named, file);
  return text("weights: ", shown(named), " is no architecture of this build; its tensors fit ",
              info.name, ", and what no tensor shows may differ");
}

// What changes features and is in no tensor.
void check_timm_network(const ConfigFields& config) {
  const std::string pool = config.word("global_pool");
  if (pool.find("max") != std::string::npos)
    config.refuse("global_pool", "features that are averaged, or the class token's", pool);
}

void check_transformers_network(const ConfigFields& config) {
  const std::string type = config.word("model_type");
  constexpr std::array gelu{"vit",      "deit",   "dinov2", "dinov2_with_registers",
                            "convnext", "vit_mae"};
  const char* usual = type == "resnet"                              ? "relu"
                      : std::ranges::find(gelu, type) != gelu.end() ? "gelu"
                                                                    : nullptr;
  if (usual == nullptr) return;
  if (const std::string named = config.word("hidden_act", usual); named != usual)
    config.refuse("hidden_act", usual, named);
  if (config.flag("downsample_in_bottleneck", false))
    config.refuse("downsample_in_bottleneck", "false", true);
}

// "dino" or "mae_in1k", beside the architecture or among the fields of pretrained_cfg.
std::string tag_of(const json& whole) {
  const auto inner = whole.find("pretrained_cfg");
  const json& fields = inner != whole.end() && inner->is_object() ? *inner : whole;
  const auto tag = fields.find("tag");
  return tag != fields.end() && tag->is_string() ? tag->get<std::string>() : "";
}

}  // namespace

std::string apply_config(BackboneInfo& info, const WeightFile& file,
                         const std::string& weights_path) {
  std::string note;
  if (!file.config.empty()) {
    const std::string name = "config.json of " + weights_path;
    const json whole = parse_object(file.config, name);
    // In timm's first files the fields of pretrained_cfg were beside the architecture.
    const auto inner = whole.find("pretrained_cfg");
    const bool is_nested = inner != whole.end() && inner->is_object();
    if (is_nested || whole.contains("architecture")) {
      const ConfigFields config(whole, name);
      check_timm_network(config);
      if (config.has("architecture"))
        note = check_architecture(info, config.word("architecture"), tag_of(whole), name);
      read_timm_preprocessing(ConfigFields(is_nested ? *inner : whole, name), info.preprocessing);
      return note;
    }
    check_transformers_network(ConfigFields(whole, name));
  }
  if (!file.preprocessor_config.empty()) {
    const std::string name = "preprocessor_config.json of " + weights_path;
    const json object = parse_object(file.preprocessor_config, name);
    read_transformers_preprocessing(ConfigFields(object, name), info.preprocessing);
    return note;
  }
  if (!file.open_clip_config.empty()) {
    const std::string name = "open_clip_config.json of " + weights_path;
    const json whole = parse_object(file.open_clip_config, name);
    const auto steps = whole.find("preprocess_cfg");
    if (steps != whole.end() && steps->is_object())
      read_open_clip_preprocessing(ConfigFields(*steps, name), info.preprocessing);
  }
  return note;
}

}  // namespace submask
