// Scores before the first step of learning.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include <submask/mask.h>

namespace submask {

// Returns float32 scores shaped as theta, on its device. The random stream depends on `seed` and
// `unit`, the unit's index.
at::Tensor start_scores(const ScoreStart& start, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit);

// Sets the scores of weights that the selection leaves out to +infinity, in place, so that they are
// never masked. `seed` and `unit` as above.
void protect_unselected(const MaskSelection& selection, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit, at::Tensor& score);

}  // namespace submask
