#include "backbone/clip_activation.h"

#include "backbone/config_fields.h"

namespace submask {
namespace {

using nlohmann::json;

// Ours with QuickGELU, and timm's name of the same network with GELU.
constexpr std::array<std::array<const char*, 2>, 3> twins{{
    {"vitb32-clip", "vit_base_patch32_clip_224"},
    {"vitb16-clip", "vit_base_patch16_clip_224"},
    {"vitl14-clip", "vit_large_patch14_clip_224"},
}};

const char* name_of(Activation activation) {
  return activation == Activation::quick_gelu ? "QuickGELU" : "GELU";
}

Activation by_flag(bool is_quick) { return is_quick ? Activation::quick_gelu : Activation::gelu; }

json object_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_object() ? *found : json::object();
}

std::string word_at(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// transformers leaves out what is its default, which for CLIP is QuickGELU.
Activation hidden_act(const json& tower, const std::string& file) {
  const std::string word = word_at(tower, "hidden_act");
  if (word.empty() || word == "quick_gelu") return Activation::quick_gelu;
  if (word != "gelu") fail_corrupt("quick_gelu or gelu as hidden_act", quoted_name(word), file);
  return Activation::gelu;
}

}  // namespace

ClipActivations clip_activations(const WeightFile& file, const std::string& weights_path) {
  if (file.format == "TorchScript")
    return {Activation::quick_gelu, Activation::quick_gelu, "OpenAI's archive"};
  const json config = object_in(file.config);
  const std::string name = "config.json of " + weights_path;
  if (word_at(config, "model_type").starts_with("clip")) {
    const bool whole = config.contains("vision_config") || config.contains("text_config");
    return {hidden_act(whole ? object_at(config, "vision_config") : config, name),
            hidden_act(whole ? object_at(config, "text_config") : config, name), "config.json"};
  }
  const json of_open_clip = object_in(file.open_clip_config);
  if (of_open_clip.contains("model_cfg")) {
    const json model = object_at(of_open_clip, "model_cfg");
    const Activation said = by_flag(model.value("quick_gelu", json()) == true);
    return {said, said, "open_clip_config.json"};
  }
  const std::string architecture = word_at(config, "architecture");
  if (architecture.find("_clip_") != std::string::npos) {
    const bool is_openai =
        word_at(object_at(config, "pretrained_cfg"), "tag").starts_with("openai");
    const Activation said =
        by_flag(is_openai || architecture.find("quickgelu") != std::string::npos);
    return {said, said, "config.json"};
  }
  return {};
}

std::string clip_twin(const std::string& backbone) {
  for (const auto& [quick, plain] : twins) {
    if (backbone == quick) return plain;
    if (backbone == plain) return quick;
  }
  return "";
}

void check_clip_activation(const BackboneInfo& info, const WeightFile& file,
                           const std::string& weights_path, std::vector<std::string>& notes) {
  const std::string twin = clip_twin(info.name);
  if (twin.empty()) return;
  const Activation ours = by_flag(info.quick_gelu), theirs = by_flag(!info.quick_gelu);
  const ClipActivations said = clip_activations(file, weights_path);
  if (!said.image)
    notes.push_back(text("weights: the file does not say its activation: ", info.name, " has ",
                         name_of(ours), ", ", twin, " ", name_of(theirs)));
  else if (*said.image != ours)
    fail_corrupt(text("weights with ", name_of(ours), " for ", info.name),
                 text(name_of(theirs), ", as ", said.source, " says (--backbone ", twin, ")"),
                 weights_path);
}

}  // namespace submask
