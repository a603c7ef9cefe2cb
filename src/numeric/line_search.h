// A step length along a descent direction that satisfies the strong Wolfe conditions (Nocedal and
// Wright 2006, algorithms 3.5 and 3.6).
#pragma once

#include <optional>

#include <ATen/core/Tensor.h>

#include "numeric/lbfgs.h"

namespace submask {

struct Line {
  const DifferentiableFunction& function;
  const at::Tensor& origin;
  const at::Tensor& direction;
};

struct LineStep {
  double length = 0;
  double value = 0;
  double slope = 0;  // gradient . direction
  at::Tensor point;
  at::Tensor gradient;
};

// Tries `first_length` first. Returns nothing where the line does not descend at `begin`, or where
// no step lowers the value.
std::optional<LineStep> search_strong_wolfe(const Line& line, const LineStep& begin,
                                            double first_length);

}  // namespace submask
