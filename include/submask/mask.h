// The settings of a mask: the criterion that turns scores into bits, the scores at the start, and
// which weights may be masked.
//
// Formulas (Warmerdam, Caron and Asano, GCPR 2024; the optimiser's form is derived in
// ARCHITECTURE.md), with n the number of weights of a mask unit:
//   m = criterion(s),  c = 1 / sqrt(mean(m)) per unit,  w = c * theta * m
//   dL/ds = c * theta * g - (c^3 / 2n) * sum(g * theta * m)      with g = dL/dw, straight through m
// With unit rates (TrainSettings::unit_rates) a step divides the rate of each unit by r, where
//   r = .99 r + .01 sqrt(mean((c * theta * g)^2)), at the first step the root alone.
// Gradients of units and networks differ by orders of magnitude; one rate, about .01, then suits
// all.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/criterion.h>

namespace submask {

// mu, or topk's keep_share, moves linearly over the epochs ("progressive"): the first epoch has
// `from`, the last one `to`.
struct CriterionSchedule {
  double from = 0;
  double to = 0;
};

enum class ScoreStartKind {
  constant,   // mean
  normal,     // mean + std * normal
  magnitude,  // |theta| + mean + std * normal
  shuffled,   // scores as magnitude gives, in a random order
  kaiming,    // uniform in +-sqrt(6 / ((1 + 5) fan_in)), torch's default for convolutions
};
constexpr auto names_of(ScoreStartKind) {
  return std::array{"constant", "normal", "magnitude", "shuffled", "kaiming"};
}

struct ScoreStart {
  ScoreStartKind kind = ScoreStartKind::constant;
  double mean = 1.0;
  double std = 0.01;
};

// What a mask pays for the weights that it switches off: a step at the full rate draws each score
// below `top` up by `height`, a step at a share of the rate by that share. It is no gradient and
// has no momentum. 0: nothing is paid.
struct ScorePull {
  double height = 0;
  double top = 0;
};

// Selective masking: weights outside the selection are never masked (their score is +infinity).
struct MaskSelection {
  std::vector<std::string> only;     // glob patterns of unit names; empty: the default units
  std::vector<std::string> exclude;  // glob patterns of units to leave out
  std::optional<int64_t> stages;     // only the stem and the first N stages
  double random_share = 1;           // share of each unit's weights, drawn at random
  double largest_share = 1;          // share of each unit's weights, those of largest |theta|
};

}  // namespace submask
