#include "numeric/line_search.h"

#include <algorithm>
#include <cmath>

#include <ATen/ATen.h>

namespace submask {
namespace {

constexpr double sufficient_decrease = 1e-4;
constexpr double curvature = 0.9;
constexpr int max_evaluations = 30;

LineStep evaluate(const Line& line, double length) {
  LineStep step{length, 0, 0, line.origin.add(line.direction, length), {}};
  Evaluation evaluation = line.function(step.point);
  step.value = evaluation.value;
  step.gradient = std::move(evaluation.gradient);
  step.slope = (step.gradient * line.direction).sum().item<double>();
  return step;
}

// Near the optimum the decrease is smaller than the rounding of the value, while the slope is still
// exact enough: hence the allowance (as in Hager and Zhang 2005).
bool decreases(const LineStep& step, const LineStep& begin) {
  const double rounding = 1e-14 * std::max(1.0, std::abs(begin.value));
  return step.value <= begin.value + sufficient_decrease * step.length * begin.slope + rounding;
}

bool flattens(const LineStep& step, const LineStep& begin) {
  return std::abs(step.slope) <= curvature * std::abs(begin.slope);
}

// The minimum of the cubic with both ends' values and slopes, but at least a tenth of the bracket
// away from either end; the middle of the bracket where the cubic has no minimum.
double interpolate(const LineStep& a, const LineStep& b) {
  const double width = b.length - a.length;
  const double middle = a.length + width / 2;
  const double d1 = a.slope + b.slope - 3 * (b.value - a.value) / width;
  const double root = std::sqrt(d1 * d1 - a.slope * b.slope);
  const double d2 = std::copysign(root, width);
  const double length = b.length - width * (b.slope + d2 - d1) / (b.slope - a.slope + 2 * d2);
  if (!std::isfinite(length)) return middle;
  const double near = a.length + width / 10, far = b.length - width / 10;
  return std::clamp(length, std::min(near, far), std::max(near, far));
}

// Shrinks a bracket that has a step inside which satisfies both conditions. The `low` end decreases
// enough and has the lower value of both.
std::optional<LineStep> zoom(const Line& line, const LineStep& begin, LineStep low, LineStep high) {
  for (int i = 0; i < max_evaluations; ++i) {
    LineStep step = evaluate(line, interpolate(low, high));
    if (decreases(step, begin) && flattens(step, begin)) return step;
    if (!decreases(step, begin) || step.value >= low.value) {
      high = std::move(step);
    } else {
      if (step.slope * (high.length - low.length) >= 0) high = low;
      low = std::move(step);
    }
  }
  if (low.length > 0 && low.value < begin.value) return low;
  return std::nullopt;
}

}  // namespace

std::optional<LineStep> search_strong_wolfe(const Line& line, const LineStep& begin,
                                            double first_length) {
  if (!(begin.slope < 0)) return std::nullopt;
  LineStep previous = begin;
  double length = first_length;
  for (int i = 0; i < max_evaluations; ++i, length *= 2) {
    LineStep step = evaluate(line, length);
    if (decreases(step, begin) && flattens(step, begin)) return step;
    if (!decreases(step, begin) || (i > 0 && step.value >= previous.value))
      return zoom(line, begin, previous, step);
    if (step.slope >= 0) return zoom(line, begin, step, previous);
    previous = std::move(step);
  }
  return previous;
}

}  // namespace submask
