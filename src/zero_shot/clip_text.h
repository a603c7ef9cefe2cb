// CLIP's text transformer: Radford et al. 2021 (arXiv 2103.00020), section 2.4. It is frozen and
// only turns prompts into embeddings.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/normalization.h>

#include <submask/weight_file.h>

#include "backbone/activation.h"

namespace submask {

class ClipText {
 public:
  // Reads a CLIP checkpoint with the names of OpenAI, open_clip or transformers, which may hold an
  // image tower too. The shapes of the tensors give all sizes. Where the file does not say which
  // activation its text tower has (clip_activation.h), it is `activation`. Throws corrupt_file that
  // names a missing or misshapen tensor, or io.
  static ClipText load(const std::string& weights_path, Activation activation);

  // Each text is a start token, its tokens and an end token, as from ClipTokenizer::tokens().
  // Returns float32 [texts, width()], not normalised. Throws invalid_argument for an empty text,
  // tokens outside the vocabulary or texts of more than context() tokens.
  at::Tensor features(const std::vector<std::vector<int64_t>>& texts);

  int64_t width() const { return projection_.size(1); }  // of the space shared with images
  int64_t context() const { return positions_.size(0); }
  int64_t vocabulary() const { return embedding_.size(0); }
  double logit_scale() const { return logit_scale_; }  // the factor of cosines

 private:
  ClipText(const TensorMap& tensors, Activation activation, const std::string& path);
  at::Tensor batch_features(const std::vector<std::vector<int64_t>>& texts);

  at::Tensor embedding_;   // [vocabulary, inner width]
  at::Tensor positions_;   // [context, inner width]
  at::Tensor projection_;  // [inner width, width]
  double logit_scale_ = 0;
  torch::nn::Sequential blocks_;
  torch::nn::LayerNorm norm_{nullptr};
};

}  // namespace submask
