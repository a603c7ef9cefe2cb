#include "naming/clip_names.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace submask {

std::vector<NameRule> openai_clip_blocks() {
  const std::string block = "transformer.resblocks.*.";
  return {{.from = block + "ln_1.*", .to = "blocks.*.norm1.*"},
          {.from = block + "attn.in_proj_weight", .to = "blocks.*.attn.qkv.weight"},
          {.from = block + "attn.in_proj_bias", .to = "blocks.*.attn.qkv.bias"},
          {.from = block + "attn.out_proj.*", .to = "blocks.*.attn.proj.*"},
          {.from = block + "ln_2.*", .to = "blocks.*.norm2.*"},
          {.from = block + "mlp.c_fc.*", .to = "blocks.*.mlp.fc1.*"},
          {.from = block + "mlp.c_proj.*", .to = "blocks.*.mlp.fc2.*"}};
}

std::vector<NameRule> transformers_clip_blocks(const std::string& tower) {
  const std::string block = tower + "encoder.layers.*.";
  std::vector<NameRule> rules{
      {.from = block + "layer_norm1.*", .to = "blocks.*.norm1.*"},
      {.from = block + "self_attn.out_proj.*", .to = "blocks.*.attn.proj.*"},
      {.from = block + "layer_norm2.*", .to = "blocks.*.norm2.*"},
      {.from = block + "mlp.*", .to = "blocks.*.mlp.*"}};
  constexpr std::array parts{"q", "k", "v"};
  for (size_t i = 0; i < parts.size(); ++i)
    rules.push_back({.from = block + "self_attn." + parts[i] + "_proj.*",
                     .to = "blocks.*.attn.qkv.*",
                     .part = static_cast<int64_t>(i),
                     .parts = 3});
  return rules;
}

void append(std::vector<NameRule>& rules, std::vector<NameRule> more) {
  std::move(more.begin(), more.end(), std::back_inserter(rules));
}

}  // namespace submask
