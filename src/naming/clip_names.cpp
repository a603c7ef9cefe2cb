#include "naming/clip_names.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace submask {

namespace {

constexpr std::array openai_block{Rename{"ln_1.*", "norm1.*"},
                                  Rename{"attn.in_proj_weight", "attn.qkv.weight"},
                                  Rename{"attn.in_proj_bias", "attn.qkv.bias"},
                                  Rename{"attn.out_proj.*", "attn.proj.*"},
                                  Rename{"ln_2.*", "norm2.*"},
                                  Rename{"mlp.c_fc.*", "mlp.fc1.*"},
                                  Rename{"mlp.c_proj.*", "mlp.fc2.*"}};
constexpr std::array transformers_block{
    Rename{"layer_norm1.*", "norm1.*"}, Rename{"self_attn.out_proj.*", "attn.proj.*"},
    Rename{"layer_norm2.*", "norm2.*"}, Rename{"mlp.*", "mlp.*"}};
constexpr std::array transformers_parts{Rename{"q_proj.*", "qkv.*"}, Rename{"k_proj.*", "qkv.*"},
                                        Rename{"v_proj.*", "qkv.*"}};

}  // namespace

std::vector<NameRule> openai_clip_blocks() {
  std::vector<NameRule> rules;
  add_rules(rules, openai_block, "transformer.resblocks.*.", "blocks.*.");
  return rules;
}

std::vector<NameRule> transformers_clip_blocks(const std::string& tower) {
  const std::string block = tower + "encoder.layers.*.";
  std::vector<NameRule> rules;
  add_rules(rules, transformers_block, block, "blocks.*.");
  const size_t first = rules.size();
  add_rules(rules, transformers_parts, block + "self_attn.", "blocks.*.attn.");
  for (size_t i = first; i < rules.size(); ++i) {
    rules[i].part = static_cast<int64_t>(i - first);
    rules[i].parts = 3;
  }
  return rules;
}

void append(std::vector<NameRule>& rules, std::vector<NameRule> more) {
  std::move(more.begin(), more.end(), std::back_inserter(rules));
}

}  // namespace submask
