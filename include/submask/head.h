// Heads: what turns features into logits, as named float32 tensors.
//
//   linear  {"weight": [C, D], "bias": [C]}   logits = weight * features + bias
//   cosine  {"cosine": [C, D]}                logits = cosine * features / |features|
//
// A cosine head holds CLIP's text embeddings, of length 1, times its logit scale (zero_shot.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

namespace submask {

// Whether these are the tensors of one of the two, in dimensions that go together.
bool is_head(const TensorMap& tensors);

// The [C, D] matrix of either kind. Throws invalid_argument where is_head() does not hold.
const at::Tensor& head_matrix(const TensorMap& head);

// Features [N, D] -> logits [N, C], on the features' device, with autograd. Throws as head_matrix()
// does, and for features of another width.
at::Tensor head_logits(const TensorMap& head, const at::Tensor& features);

}  // namespace submask
