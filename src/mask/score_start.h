// Scores before the first step.
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include <submask/mask.h>

namespace submask {

// Float32 scores shaped as theta, on its device. `unit` and `seed` key the random stream.
at::Tensor start_scores(const ScoreStart& start, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit);

// Sets the scores of weights that the selection leaves out to +infinity, in place.
void protect_unselected(const MaskSelection& selection, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit, at::Tensor& score);

}  // namespace submask
