// The plain way to learn a mask, written with autograd: what MaskOptimizer must equal.
#pragma once

#include <cmath>

#include <torch/autograd.h>

#include <submask/mask.h>

namespace submask {

// Hard values forward, the identity backward.
class StraightThrough : public torch::autograd::Function<StraightThrough> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext*, const at::Tensor& score,
                            const at::Tensor& hard) {
    return hard.to(score.scalar_type()) + 0 * score;
  }
  static torch::autograd::variable_list backward(torch::autograd::AutogradContext*,
                                                 torch::autograd::variable_list gradients) {
    return {gradients[0], at::Tensor()};
  }
};

// w as a function of the score that autograd differentiates, the scale included.
inline at::Tensor masked_weight(const Criterion& criterion, const at::Tensor& theta,
                                const at::Tensor& score) {
  const at::Tensor mask = criterion_mask(criterion, score.detach());
  if (criterion.kind == CriterionKind::flip)
    return theta * StraightThrough::apply(
                       score, at::where(mask, at::ones_like(score), -at::ones_like(score)));
  const at::Tensor m = StraightThrough::apply(score, mask);
  return criterion.scale ? theta * m / m.mean().sqrt() : theta * m;
}

// torch.optim.SGD (dampening 0), by hand.
struct PlainSgd {
  double momentum = 0, weight_decay = 0;
  bool nesterov = false;
  at::Tensor velocity;

  void step(at::Tensor& value, double rate) {
    const at::NoGradGuard no_grad;
    at::Tensor d = value.grad() + weight_decay * value;
    velocity = velocity.defined() ? momentum * velocity + d : d.clone();
    value -= rate * (nesterov ? d + momentum * velocity : velocity);
    value.mutable_grad().reset();
  }
};

}  // namespace submask
