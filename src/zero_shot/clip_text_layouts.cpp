#include "zero_shot/clip_text_layouts.h"

#include <string_view>

#include "backbone/checkpoint_match.h"
#include "naming/clip_names.h"

namespace submask {
namespace {

struct TextLayout {
  std::string_view anchor;  // a tensor that only a text transformer has
  CheckpointLayout layout;
};

TextLayout openai_layout() {
  CheckpointLayout layout{
      .name = "OpenAI",
      .rules = {{.from = "token_embedding.weight", .to = "token_embedding"},
                {.from = "positional_embedding", .to = "positions"},
                {.from = "ln_final.*", .to = "norm.*"},
                {.from = "text_projection", .to = "projection"},
                {.from = "text_projection.weight", .to = "projection", .transposed = true},
                {.from = "logit_scale", .to = "logit_scale"}},
      .ignored = {}};
  append(layout.rules, openai_clip_blocks());
  return {"token_embedding.weight", std::move(layout)};
}

TextLayout transformers_layout() {
  const std::string tower = "text_model.";
  CheckpointLayout layout{
      .name = "transformers",
      .rules = {{.from = tower + "embeddings.token_embedding.weight", .to = "token_embedding"},
                {.from = tower + "embeddings.position_embedding.weight", .to = "positions"},
                {.from = tower + "final_layer_norm.*", .to = "norm.*"},
                {.from = "text_projection.weight", .to = "projection", .transposed = true},
                {.from = "logit_scale", .to = "logit_scale"}},
      .ignored = {}};
  append(layout.rules, transformers_clip_blocks(tower));
  return {"text_model.embeddings.token_embedding.weight", std::move(layout)};
}

}  // namespace

TensorMap find_clip_text(const TensorMap& tensors) {
  // The anchor of transformers ends with that of OpenAI, so it is searched first.
  for (const TextLayout& text : {transformers_layout(), openai_layout()}) {
    for (const auto& [name, tensor] : tensors) {
      if (!name.ends_with(text.anchor)) continue;
      const std::string prefix = name.substr(0, name.size() - text.anchor.size());
      TensorMap found = rename_tensors(text.layout, prefix, tensors);
      // Some files of open_clip have the text tower below "text." and the scale outside.
      const auto scale = tensors.find("logit_scale");
      if (scale != tensors.end()) found.emplace("logit_scale", scale->second);
      return found;
    }
  }
  return {};
}

}  // namespace submask
