// Transformer blocks with timm's names and a norm before each part: Dosovitskiy et al. 2020 (arXiv
// 2010.11929), figure 1.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/normalization.h>
#include <torch/nn/pimpl.h>

#include "backbone/activation.h"
#include "backbone/layers.h"

namespace submask {

struct BlockShape {
  int64_t width = 0;
  int64_t heads = 1;  // divides width
  Activation activation = Activation::gelu;
  bool layer_scale = false;
  bool causal = false;  // a token attends to itself and to those before it
  double norm_epsilon = 1e-6;
};

torch::nn::LayerNorm layer_norm(int64_t width, double epsilon);

// Softmax attention of queries [N, T, W] to keys and values [N, S, W] -> [N, T, W], with the width
// divided into heads.
at::Tensor attend(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                  int64_t heads, bool causal = false);

class AttentionImpl : public torch::nn::Module {
 public:
  explicit AttentionImpl(const BlockShape& shape);
  at::Tensor forward(const at::Tensor& tokens);

 private:
  int64_t heads_;
  bool causal_;
  FusedQkv qkv_;
  Linear proj_;
};
TORCH_MODULE(Attention);

// Two linear layers with 4 * width channels between them.
class MlpImpl : public torch::nn::Module {
 public:
  explicit MlpImpl(const BlockShape& shape);
  at::Tensor forward(const at::Tensor& tokens);

 private:
  Activation activation_;
  Linear fc1_;
  Linear fc2_;
};
TORCH_MODULE(Mlp);

// [N, T, width] -> [N, T, width].
class TransformerBlockImpl : public torch::nn::Module {
 public:
  explicit TransformerBlockImpl(const BlockShape& shape);
  at::Tensor forward(const at::Tensor& tokens);

 private:
  torch::nn::LayerNorm norm1_;
  Attention attn_;
  LayerScale ls1_{nullptr};
  torch::nn::LayerNorm norm2_;
  Mlp mlp_;
  LayerScale ls2_{nullptr};
};
TORCH_MODULE(TransformerBlock);

}  // namespace submask
