#include "mask/update_state.h"

#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"

namespace submask {

void check_update(const UpdateSettings& settings) {
  if (!(settings.momentum >= 0 && settings.momentum < 1))
    fail_argument("a momentum in [0, 1)", settings.momentum);
  for (const double beta : {settings.beta1, settings.beta2})
    if (!(beta >= 0 && beta < 1)) fail_argument("a beta of adam in [0, 1)", beta);
  if (!(settings.weight_decay >= 0)) fail_argument("a weight decay >= 0", settings.weight_decay);
}

UpdateState::UpdateState(const UpdateSettings& settings, const at::Tensor& value)
    : settings_(settings) {
  check_update(settings);
  first_ = at::zeros_like(value);
  if (settings.rule == UpdateRule::adam) second_ = at::zeros_like(value);
}

void UpdateState::apply(at::Tensor& value, const at::Tensor& gradient, double rate) {
  at::Tensor d = gradient;
  if (settings_.weight_decay != 0)
    d = d + at::where(value.isinf(), at::zeros_like(value), value) * settings_.weight_decay;
  ++steps_;
  if (settings_.rule == UpdateRule::sgd) {
    first_.mul_(settings_.momentum).add_(d);
    value.sub_(settings_.nesterov ? d + first_ * settings_.momentum : first_, rate);
    return;
  }
  first_.lerp_(d, 1 - settings_.beta1);
  second_.mul_(settings_.beta2).addcmul_(d, d, 1 - settings_.beta2);
  const double correction1 = 1 - std::pow(settings_.beta1, static_cast<double>(steps_));
  const double correction2 = 1 - std::pow(settings_.beta2, static_cast<double>(steps_));
  const at::Tensor denominator = (second_.sqrt() / std::sqrt(correction2)).add_(settings_.epsilon);
  value.addcdiv_(first_, denominator, -rate / correction1);
}

void UpdateState::save(const std::string& prefix, TensorMap& state) const {
  state[prefix + ".first"] = first_;
  if (second_.defined()) state[prefix + ".second"] = second_;
  state[prefix + ".steps"] = at::full({}, steps_, at::kLong);
}

void UpdateState::load(const std::string& prefix, const TensorMap& state) {
  load_state(state, prefix + ".first", first_);
  if (second_.defined()) load_state(state, prefix + ".second", second_);
  at::Tensor steps = at::zeros({}, at::kLong);
  load_state(state, prefix + ".steps", steps);
  steps_ = steps.item<int64_t>();
}

void load_state(const TensorMap& state, const std::string& name, at::Tensor& into) {
  const auto found = state.find(name);
  if (found == state.end())
    fail(ErrorKind::corrupt_file, "expected ", name, ", got none, in the checkpoint");
  const at::Tensor& stored = found->second;
  if (stored.sizes() != into.sizes() || stored.scalar_type() != into.scalar_type())
    fail(ErrorKind::corrupt_file, "expected ", name, " of ", into.scalar_type(), " and shape ",
         into.sizes(), ", got ", stored.scalar_type(), " and ", stored.sizes(),
         ", in the checkpoint");
  const at::NoGradGuard no_grad;
  into.copy_(stored);
}

}  // namespace submask
