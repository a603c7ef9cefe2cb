// The tensors of heads, by the names that files know them under, all float32:
//
//   LinearHead  {"weight": [C, D], "bias": [C]}
//   CosineHead  {"cosine": [C, D]}
//   BankHead    {"bank": [M, D], "bank_labels": [M], "bank_votes": [3]}, the votes being {k, T, C}
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <submask/head.h>
#include <submask/weight_file.h>

namespace submask {

// {} without a head. Tensors that are float32 already are the head's own.
TensorMap head_tensors(const std::optional<Head>& head);

// The way back; none for {}. Throws corrupt_file where these are no head's tensors, or hold what no
// head holds. `head_name` ("conditional.head") and `file` are where they lie.
std::optional<Head> head_from_tensors(const TensorMap& tensors, const std::string& head_name,
                                      const std::string& file);

// The same head of other tensors: what `change` makes of each.
Head transform_head(const Head& head, const std::function<at::Tensor(const at::Tensor&)>& change);

}  // namespace submask
