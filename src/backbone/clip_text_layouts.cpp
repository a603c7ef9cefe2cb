#include "backbone/clip_text_layouts.h"

#include <array>
#include <string_view>

#include <ATen/ops/cat.h>

#include "backbone/checkpoint_layout.h"

namespace submask {
namespace {

struct TextLayout {
  std::string_view anchor;  // a tensor that only such a tower has
  std::vector<NameRule> rules;
};

TextLayout openai_layout() {
  const std::string block = "transformer.resblocks.*.";
  return {"token_embedding.weight",
          {{.from = "token_embedding.weight", .to = "token_embedding"},
           {.from = "positional_embedding", .to = "positions"},
           {.from = block + "ln_1.*", .to = "blocks.*.norm1.*"},
           {.from = block + "attn.in_proj_weight", .to = "blocks.*.attn.qkv.weight"},
           {.from = block + "attn.in_proj_bias", .to = "blocks.*.attn.qkv.bias"},
           {.from = block + "attn.out_proj.*", .to = "blocks.*.attn.proj.*"},
           {.from = block + "ln_2.*", .to = "blocks.*.norm2.*"},
           {.from = block + "mlp.c_fc.*", .to = "blocks.*.mlp.fc1.*"},
           {.from = block + "mlp.c_proj.*", .to = "blocks.*.mlp.fc2.*"},
           {.from = "ln_final.*", .to = "norm.*"},
           {.from = "text_projection", .to = "projection"},
           {.from = "text_projection.weight", .to = "projection", .transposed = true},
           {.from = "logit_scale", .to = "logit_scale"}}};
}

TextLayout transformers_layout() {
  const std::string tower = "text_model.", block = tower + "encoder.layers.*.";
  TextLayout layout{"text_model.embeddings.token_embedding.weight",
                    {{.from = tower + "embeddings.token_embedding.weight", .to = "token_embedding"},
                     {.from = tower + "embeddings.position_embedding.weight", .to = "positions"},
                     {.from = block + "layer_norm1.*", .to = "blocks.*.norm1.*"},
                     {.from = block + "self_attn.out_proj.*", .to = "blocks.*.attn.proj.*"},
                     {.from = block + "layer_norm2.*", .to = "blocks.*.norm2.*"},
                     {.from = block + "mlp.*", .to = "blocks.*.mlp.*"},
                     {.from = tower + "final_layer_norm.*", .to = "norm.*"},
                     {.from = "text_projection.weight", .to = "projection", .transposed = true},
                     {.from = "logit_scale", .to = "logit_scale"}}};
  constexpr std::array parts{"q", "k", "v"};
  for (int64_t i = 0; i < 3; ++i)
    layout.rules.push_back(
        {.from = block + "self_attn." + parts[static_cast<size_t>(i)] + "_proj.*",
         .to = "blocks.*.attn.qkv.*",
         .part = i,
         .parts = 3});
  return layout;
}

// The tensors under one prefix, the row blocks of one put together.
TensorMap gather(const TextLayout& layout, const std::string& prefix, const TensorMap& tensors) {
  std::map<std::string, std::vector<at::Tensor>> found;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(prefix)) continue;
    for (const NameRule& rule : layout.rules) {
      const auto own = renamed(rule, std::string_view(name).substr(prefix.size()));
      if (!own) continue;
      auto& parts = found[*own];
      parts.resize(static_cast<size_t>(rule.parts));
      parts[static_cast<size_t>(rule.part)] =
          rule.transposed && tensor.dim() == 2 ? tensor.t() : tensor;
      break;
    }
  }
  TensorMap whole;
  for (const auto& [name, parts] : found) {
    bool fits = true;
    for (const at::Tensor& part : parts)
      fits = fits && part.defined() &&
             (parts.size() == 1 ||
              (part.dim() > 0 && part.sizes().slice(1) == parts.front().sizes().slice(1)));
    if (fits) whole[name] = parts.size() == 1 ? parts.front() : at::cat(parts);
  }
  return whole;
}

}  // namespace

TensorMap find_clip_text(const TensorMap& tensors) {
  // transformers' anchor ends in OpenAI's, so it is looked for first.
  for (const TextLayout& layout : {transformers_layout(), openai_layout()}) {
    for (const auto& [name, tensor] : tensors) {
      if (!name.ends_with(layout.anchor)) continue;
      const std::string prefix = name.substr(0, name.size() - layout.anchor.size());
      TensorMap found = gather(layout, prefix, tensors);
      // open_clip keeps some text towers below "text." and the scale outside.
      const auto scale = tensors.find("logit_scale");
      if (scale != tensors.end()) found.emplace("logit_scale", scale->second);
      return found;
    }
  }
  return {};
}

}  // namespace submask
