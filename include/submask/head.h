// Heads: what turns features into scores of classes.
//
// A head is a value. Its copies share tensors, so treat these as read-only; any number of threads
// may then use one. Where a network or a task may be without a head, it is a std::optional<Head>.
// How a head lies in a file: docs/mask_format.md.
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

// logits = weight * features / |features|, where |features| counts as 1e-12 at least. CLIP's: its
// embeddings of the classes' names as text, of length 1, times its logit scale (zero_shot.h).
struct CosineHead {
  at::Tensor weight;  // float32 [C, D]
};

// How neighbours vote (knn_scores() in evaluate.h).
struct KnnOptions {
  int64_t k = 200;           // neighbours; more than the bank holds: the whole bank
  double temperature = 0.1;  // votes exp(cosine / T)
};

// Features of labelled images: the nearest of them vote for their classes.
struct BankHead {
  at::Tensor features;  // float32 [M, D], of any length; M at least 1
  at::Tensor labels;    // int64 [M], 0 ... classes - 1
  int64_t classes = 0;  // C, below 2^24: files keep C, k and labels as float32
  KnnOptions knn;       // k in 1 ... 2^24 - 1; T above 0 and finite, which files round to float32
};

using Head = std::variant<LinearHead, CosineHead, BankHead>;

struct HeadSize {
  int64_t classes = 0;  // C
  int64_t width = 0;    // D, of the features
};

// Throws invalid_argument, naming what it got, where shapes, or a bank's labels or numbers, are not
// as said above.
HeadSize head_size(const Head& head);

// float32 [N, D] -> logits float32 [N, C] of a linear or cosine head, on the features' device, with
// autograd. Throws as head_size() does, and invalid_argument for features of another width and for
// a bank, whose scores head_scores() gives (evaluate.h).
at::Tensor head_logits(const Head& head, const at::Tensor& features);

}  // namespace submask
