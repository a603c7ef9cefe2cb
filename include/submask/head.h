// Heads: what turns features into scores of classes, as named float32 tensors.
//
//   linear  {"weight": [C, D], "bias": [C]}   logits = weight * features + bias
//   cosine  {"cosine": [C, D]}                logits = cosine * features / |features|
//   bank    {"bank": [M, D], "bank_labels": [M], "bank_votes": [3]}   kNN, see below
//
// A cosine head holds CLIP's text embeddings, of length 1, times its logit scale (zero_shot.h). A
// bank holds features of labelled images as they are, each one's class, and {k, T, C}: the k
// nearest by cosine vote with exp(cosine / T) (evaluate.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

namespace submask {

struct KnnOptions;  // evaluate.h

// Whether these are the tensors of one of the three, in dimensions (and for a bank, values) that go
// together.
bool is_head(const TensorMap& tensors);

bool is_bank(const TensorMap& head);

struct HeadSize {
  int64_t classes = 0;  // C
  int64_t width = 0;    // D, of the features
};

// Throws invalid_argument where is_head() does not hold.
HeadSize head_size(const TensorMap& head);

// The [C, D] matrix of a linear or cosine head. Throws invalid_argument for others.
const at::Tensor& head_matrix(const TensorMap& head);

// Features [N, D] -> logits [N, C] of a linear or cosine head, on the features' device, with
// autograd. Throws as head_matrix() does, and for features of another width. A bank's scores are
// head_scores's (evaluate.h).
at::Tensor head_logits(const TensorMap& head, const at::Tensor& features);

// A bank of features [M, D] with labels int64 [M] in 0 ... classes-1. Throws invalid_argument.
TensorMap bank_head(const at::Tensor& features, const at::Tensor& labels, int64_t classes,
                    const KnnOptions& options);

}  // namespace submask
