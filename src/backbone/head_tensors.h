// The tensors of heads, all float32, by their names in files:
//
//   LinearHead  {"weight": [C, D], "bias": [C]}
//   CosineHead  {"cosine": [C, D]}
//   BankHead    {"bank": [M, D], "bank_labels": [M], "bank_votes": [3]} with votes {k, T, C}
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <submask/head.h>
#include <submask/weight_file.h>

namespace submask {

// Empty without a head. Tensors that are float32 already share the head's memory.
TensorMap head_tensors(const std::optional<Head>& head);

// The head with these tensors; not set where there are none. Throws corrupt_file where names,
// shapes or values are not those of a head. The error names `head_name` ("conditional.head") and
// `file`.
std::optional<Head> head_from_tensors(const TensorMap& tensors, const std::string& head_name,
                                      const std::string& file);

// The head with the result of change(tensor) in place of each of its tensors.
Head transform_head(const Head& head, const std::function<at::Tensor(const at::Tensor&)>& change);

}  // namespace submask
