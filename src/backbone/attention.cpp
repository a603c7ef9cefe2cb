#include "backbone/attention.h"

#include <ATen/ops/scaled_dot_product_attention.h>

namespace submask {

torch::nn::LayerNorm layer_norm(int64_t width, double epsilon) {
  return torch::nn::LayerNorm(torch::nn::LayerNormOptions({width}).eps(epsilon));
}

at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  int64_t heads, bool causal) {
  const auto by_head = [heads](const at::Tensor& tokens) {
    return tokens.unflatten(-1, {heads, -1}).transpose(1, 2);
  };
  return at::scaled_dot_product_attention(by_head(query), by_head(key), by_head(value),
                                          /*attn_mask=*/{}, /*dropout_p=*/0, causal)
      .transpose(1, 2)
      .flatten(2);
}

AttentionImpl::AttentionImpl(const BlockShape& shape)
    : heads_(shape.heads),
      causal_(shape.causal),
      qkv_(register_module("qkv", FusedQkv(shape.width))),
      proj_(register_module("proj", Linear(shape.width, shape.width))) {}

at::Tensor AttentionImpl::forward(const at::Tensor& tokens) {
  const std::vector<at::Tensor> qkv = qkv_->forward(tokens).chunk(3, -1);
  return proj_->forward(attend(qkv[0], qkv[1], qkv[2], heads_, causal_));
}

MlpImpl::MlpImpl(const BlockShape& shape)
    : activation_(shape.activation),
      fc1_(register_module("fc1", Linear(shape.width, 4 * shape.width))),
      fc2_(register_module("fc2", Linear(4 * shape.width, shape.width))) {}

at::Tensor MlpImpl::forward(const at::Tensor& tokens) {
  return fc2_->forward(activate(fc1_->forward(tokens), activation_));
}

TransformerBlockImpl::TransformerBlockImpl(const BlockShape& shape)
    : norm1_(register_module("norm1", layer_norm(shape.width, shape.norm_epsilon))),
      attn_(register_module("attn", Attention(shape))),
      norm2_(register_module("norm2", layer_norm(shape.width, shape.norm_epsilon))),
      mlp_(register_module("mlp", Mlp(shape))) {
  if (!shape.layer_scale) return;
  ls1_ = register_module("ls1", LayerScale(shape.width));
  ls2_ = register_module("ls2", LayerScale(shape.width));
}

at::Tensor TransformerBlockImpl::forward(const at::Tensor& tokens) {
  at::Tensor attended = attn_->forward(norm1_->forward(tokens));
  if (ls1_) attended = ls1_->forward(attended);
  const at::Tensor x = tokens + attended;
  at::Tensor inner = mlp_->forward(norm2_->forward(x));
  if (ls2_) inner = ls2_->forward(inner);
  return x + inner;
}

}  // namespace submask
