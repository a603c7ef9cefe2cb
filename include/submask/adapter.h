// The settings of small adapters other than masks, which are learned to be compared with masks.
// In each the network's weights w are written from frozen weights theta
// and a few numbers:
//   lora      w = theta + (alpha / rank) B A for a tensor of `rows` rows, with B [rows, rank] and
//             A [rank, weights of a row] (Hu et al. 2022)
//   sparse    w = theta but for the largest changes of a fine-tune, which go on learning, as in
//             diff pruning (Guo et al. 2021) and SHiRA (Bhardwaj et al. 2024)
//   bitdelta  w = theta + scale_row * (+-1): the signs of a fine-tune's changes, and scales that go
//             on learning (Liu et al. 2024)
#pragma once

#include <cstdint>
#include <optional>

namespace submask {

struct AdapterSettings {
  int64_t lora_rank = 4;                  // at most a tensor's rows, and the weights of a row
  std::optional<double> lora_alpha = {};  // not set: the rank
  double changed_share = 0.01;            // of the weights, by sparse
};

}  // namespace submask
