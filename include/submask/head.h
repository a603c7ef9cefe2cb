// Heads turn features into scores of classes.
//
// A head is a value. Its copies share tensors, so treat these as read-only; any number of threads
// may then use one head. A network or a task that may have no head has a std::optional<Head>.
// docs/mask_format.md says how files hold heads.
#pragma once

#include <cstdint>
#include <variant>

#include <ATen/core/Tensor.h>

namespace submask {

// logits = weight * features + bias
struct LinearHead {
  at::Tensor weight;  // float32 [C, D]
  at::Tensor bias;    // float32 [C]
};

// logits = weight * features / |features|, where |features| counts as at least 1e-12. CLIP has such
// a head: its text embeddings of the classes' names, of length 1, times its logit scale.
struct CosineHead {
  at::Tensor weight;  // float32 [C, D]
};

// How neighbours vote for classes (knn_scores() in evaluate.h).
struct KnnOptions {
  int64_t k = 200;           // neighbours; at most the whole bank votes
  double temperature = 0.1;  // T: a vote counts exp(cosine / T)
};

// Features of labelled images: the nearest of them vote for their classes.
struct BankHead {
  at::Tensor features;  // float32 [M, D], of any length; M at least 1
  at::Tensor labels;    // int64 [M], 0 ... classes - 1
  int64_t classes = 0;  // C, below 2^24: files keep C, k and labels as float32
  KnnOptions knn;       // k in 1 ... 2^24 - 1; T above 0 and finite; files round T to float32
};

using Head = std::variant<LinearHead, CosineHead, BankHead>;

struct HeadSize {
  int64_t classes = 0;  // C
  int64_t width = 0;    // D, of the features
};

// Throws invalid_argument where a shape, or a label or number of a bank, is not as stated above.
HeadSize head_size(const Head& head);

// float32 [N, D] -> logits float32 [N, C] of a linear or cosine head, on the features' device, with
// autograd. Throws as head_size() does, and invalid_argument for features of another width and for
// a bank head, for which head_scores() computes scores (evaluate.h).
at::Tensor head_logits(const Head& head, const at::Tensor& features);

}  // namespace submask
