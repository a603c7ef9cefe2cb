// CLIP's text transformer: Radford et al. 2021 (arXiv 2103.00020), section 2.4, with QuickGELU as
// OpenAI trained it. Frozen: it only turns prompts into embeddings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/normalization.h>

#include <submask/weight_file.h>

namespace submask {

class ClipText {
 public:
  // From a CLIP checkpoint (OpenAI's, open_clip's or transformers' names), which may hold an image
  // tower too. Sizes are read off its tensors. Throws corrupt_file, naming what is missing, or io.
  static ClipText load(const std::string& weights_path);

  // Each text: start token, its tokens, end token, as ClipTokenizer::tokens() gives them. float32
  // [texts, width()], not normalised. Throws invalid_argument for tokens outside the vocabulary or
  // texts of more than context() tokens.
  at::Tensor features(const std::vector<std::vector<int64_t>>& texts);

  int64_t width() const { return projection_.size(1); }  // of the space shared with images
  int64_t context() const { return positions_.size(0); }
  int64_t vocabulary() const { return embedding_.size(0); }
  double logit_scale() const { return logit_scale_; }  // what cosines are multiplied with

 private:
  ClipText(const TensorMap& tensors, const std::string& path);
  at::Tensor batch_features(const std::vector<std::vector<int64_t>>& texts);

  at::Tensor embedding_;   // [vocabulary, inner width]
  at::Tensor positions_;   // [context, inner width]
  at::Tensor projection_;  // [inner width, width]
  double logit_scale_ = 0;
  torch::nn::Sequential blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace submask
