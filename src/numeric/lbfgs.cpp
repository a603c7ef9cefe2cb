#include "numeric/lbfgs.h"

#include <deque>
#include <vector>

#include <ATen/ATen.h>

#include "numeric/line_search.h"

namespace submask {
namespace {

double product(const at::Tensor& a, const at::Tensor& b) { return (a * b).sum().item<double>(); }

double largest_entry(const at::Tensor& gradient) {
  return gradient.numel() == 0 ? 0 : gradient.abs().max().item<double>();
}

struct Correction {
  at::Tensor step;    // s = x' - x
  at::Tensor change;  // y = g' - g
  double curvature;   // s.y > 0
};

class History {
 public:
  History(const Preconditioner& precondition, int64_t length)
      : precondition_(precondition), length_(static_cast<size_t>(length)) {}

  // The two-loop recursion: -H g, where H starts from the preconditioner scaled to the latest
  // curvature.
  at::Tensor direction(const at::Tensor& gradient) const {
    at::Tensor q = gradient.clone();
    std::vector<double> alphas(corrections_.size());
    for (size_t i = corrections_.size(); i-- > 0;) {
      const Correction& c = corrections_[i];
      alphas[i] = product(c.step, q) / c.curvature;
      q.sub_(c.change, alphas[i]);
    }
    at::Tensor result = precondition_(q).mul_(scale_);
    for (size_t i = 0; i < corrections_.size(); ++i) {
      const Correction& c = corrections_[i];
      result.add_(c.step, alphas[i] - product(c.change, result) / c.curvature);
    }
    return result.neg_();
  }

  void add(Correction correction) {
    // The line search makes the curvature positive; rounding at the very end may not.
    if (!(correction.curvature > 0)) return;
    scale_ = correction.curvature / product(correction.change, precondition_(correction.change));
    corrections_.push_back(std::move(correction));
    if (corrections_.size() > length_) corrections_.pop_front();
  }

  bool empty() const { return corrections_.empty(); }
  void clear() {
    corrections_.clear();
    scale_ = 1;
  }

 private:
  const Preconditioner& precondition_;
  size_t length_;
  double scale_ = 1;
  std::deque<Correction> corrections_;
};

}  // namespace

LbfgsResult minimise(const DifferentiableFunction& function, at::Tensor start,
                     const Preconditioner& precondition, const LbfgsOptions& options) {
  History history(precondition, options.history);
  LbfgsResult result{std::move(start), 0, 0, 0};
  Evaluation here = function(result.point);
  while (result.iterations < options.max_iterations &&
         largest_entry(here.gradient) > options.tolerance) {
    const at::Tensor direction = history.direction(here.gradient);
    const Line line{function, result.point, direction};
    const LineStep begin{0, here.value, product(here.gradient, direction), result.point,
                         here.gradient};
    const auto found = search_strong_wolfe(line, begin, 1.0);
    if (!found) {
      if (history.empty()) break;
      history.clear();  // once more along the plain preconditioned gradient
      continue;
    }
    const at::Tensor step = found->point - result.point;
    const at::Tensor change = found->gradient - here.gradient;
    history.add({step, change, product(step, change)});
    result.point = found->point;
    here = {found->value, found->gradient};
    ++result.iterations;
  }
  result.value = here.value;
  result.gradient_norm = largest_entry(here.gradient);
  return result;
}

}  // namespace submask
