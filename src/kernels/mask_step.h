// A whole step of mask learning over many units at once.
#pragma once

#include <span>

#include "kernels/mask_kernels.h"

namespace submask::kernels {

// A mask unit: arrays of `count` elements, and what its weights are made with.
struct StepUnit {
  const float* theta = nullptr;
  const float* gradient = nullptr;
  float* score = nullptr;
  float* velocity = nullptr;
  float* weight = nullptr;
  int64_t count = 0;
  double scale = 1;         // c of the weights, before and after the step
  int64_t on = 0;           // weights that are on after it
  float gradient_size = 0;  // the average of unit_rate(), before and after
};

struct MaskStep {
  bool is_scaled = true;        // c = sqrt(count / on); else it stays 1
  bool has_unit_rates = false;  // each unit's rate is unit_rate() of score.rate
  float off_scale = 0;          // of weights that are off; -1 for flips
  ScoreStep score;              // but gradient_scale and shift, which each unit has its own of
};

// For each unit dot(), unit_rate(), update_scores() and materialise(), with the very same results.
// Of a unit of which no weight is on the weights and c stay, unless off_scale is not 0.
void step_masks(const ParallelFor& parallel_for, const MaskStep& step, std::span<StepUnit> units);

}  // namespace submask::kernels
