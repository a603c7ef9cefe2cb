// What a mask is made of: the criterion that cuts scores into bits, how scores start, which weights
// may be masked. All functions work on any device and floating dtype; `n` is a mask unit's number
// of weights.
//
// Formulas (Warmerdam, Caron and Asano, GCPR 2024; the optimiser's form is derived in
// ARCHITECTURE.md):
//   m = criterion(s),  c = 1 / sqrt(mean(m)) per unit,  w = c * theta * m
//   dL/ds = c * theta * g - (c^3 / 2n) * sum(g * theta * m)      with g = dL/dw, straight through m
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>

namespace submask {

enum class CriterionKind {
  threshold,  // on where s > mu
  topk,       // on for the keep_share largest scores of the unit; ties go to the lowest index
  flip,       // +1 where s > mu, -1 elsewhere
};

struct Criterion {
  CriterionKind kind = CriterionKind::threshold;
  double mu = 0;            // threshold, flip
  double keep_share = 0.9;  // topk: (0, 1]
  bool scale = true;        // c = 1 / sqrt(mean(m)); a flip is never scaled
};

CriterionKind criterion_kind(const std::string& name);  // threshold | topk | flip
std::string criterion_name(CriterionKind kind);

// Bool tensor shaped as score. At least one weight of a masked unit stays on: where none passes,
// the highest score (the first of equals) does.
at::Tensor criterion_mask(const Criterion& criterion, const at::Tensor& score);

// c, for `on` of `count` weights.
double mask_scale(const Criterion& criterion, int64_t on, int64_t count);

// dL/ds as above; for a flip theta * g.
at::Tensor score_gradient(const Criterion& criterion, const at::Tensor& theta,
                          const at::Tensor& gradient, const at::Tensor& mask, double scale);

// w = c * theta * m into an existing tensor (m is -1 where a flip is off).
void materialise(const Criterion& criterion, const at::Tensor& theta, const at::Tensor& mask,
                 double scale, at::Tensor& weight);

// mu or keep_share moving linearly from `from` to `to` over the epochs ("progressive").
struct CriterionSchedule {
  bool enabled = false;
  double from = 0;
  double to = 0;
};
// The criterion of epoch e of E (0 ... E-1); the last epoch has `to`.
Criterion scheduled_criterion(Criterion criterion, const CriterionSchedule& schedule, int64_t epoch,
                              int64_t epochs);

// Where scores start. magnitude: |theta| + mean + std * normal; shuffled: the same in a random
// order; kaiming: uniform in +-sqrt(6 / ((1 + 5) fan_in)), torch's default for convolutions.
struct ScoreStart {
  std::string kind = "constant";  // constant | normal | magnitude | shuffled | kaiming
  double mean = 1.0;              // the constant; the mean of normal
  double std = 0.01;              // of normal, and of the noise in magnitude
};

// Float32 scores shaped as theta. `unit` and `seed` key the random stream.
at::Tensor start_scores(const ScoreStart& start, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit);

// Selective masking: weights outside the selection are never masked (their score is +infinity).
struct MaskSelection {
  std::vector<std::string>
      only;  // glob patterns over unit names; empty: the backbone's default units
  std::vector<std::string> exclude;  // taken away again
  int64_t stages = -1;               // only units of the stem and the first N stages; < 0: all
  double random_share = 1;           // a random share of each tensor
  double largest_share = 1;          // the largest |theta| of each tensor
};

// Throws invalid_argument for a pattern that matches no unit, or when nothing is left to mask.
std::vector<MaskUnit> select_units(const Backbone& backbone, const MaskSelection& selection);

// Sets the scores of unselected weights to +infinity, in place.
void protect_unselected(const MaskSelection& selection, const at::Tensor& theta, uint64_t seed,
                        uint64_t unit, at::Tensor& score);

}  // namespace submask
