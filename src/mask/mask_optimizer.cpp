#include <cmath>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "mask/aten_parallel.h"
#include "mask/criterion.h"
#include "mask/optimizer.h"

namespace submask {

at::Tensor ParameterRows::weight() const {
  return parameter.detach().narrow(0, row_begin, row_end - row_begin);
}

at::Tensor ParameterRows::gradient() const {
  return parameter.grad().narrow(0, row_begin, row_end - row_begin).contiguous();
}

struct MaskOptimizer::Unit {
  Unit(MaskedTensor tensor, const UpdateSettings& settings)
      : parts(std::move(tensor)),
        weight(parts.weight()),
        mask(at::empty(parts.score.sizes(), parts.score.options().dtype(at::kBool))),
        state(settings, parts.score),
        gradient_size(at::zeros({}, parts.score.scalar_type())) {}

  uint8_t* mask_bytes() { return reinterpret_cast<uint8_t*>(mask.data_ptr<bool>()); }
  int64_t count() const { return parts.score.numel(); }
  at::Tensor pull(double height) const {
    return prices.defined() ? prices * height : at::scalar_tensor(height, parts.score.options());
  }

  MaskedTensor parts;
  at::Tensor weight;  // the parameter's rows, without autograd
  at::Tensor mask;    // Bool
  UpdateState state;
  at::Tensor prices;  // of the pull on each weight; undefined: 1
  int64_t on = 0;     // weights that the mask keeps
  double scale = 1;
  at::Tensor gradient_size;  // [] on the CPU, of the scores' dtype: what unit rates average
};

MaskOptimizer::MaskOptimizer(std::vector<MaskedTensor> tensors, const Criterion& criterion,
                             const UpdateSettings& settings, const ScorePull& pull)
    : criterion_(criterion), settings_(settings), pull_(pull) {
  const at::NoGradGuard no_grad;
  for (MaskedTensor& tensor : tensors) {
    if (tensor.score.sizes() != tensor.theta.sizes() || !tensor.score.is_contiguous() ||
        !tensor.theta.is_contiguous() || !tensor.parameter.is_contiguous())
      fail_argument(text("contiguous theta and score of one shape for ", tensor.name),
                    text(tensor.theta.sizes(), " and ", tensor.score.sizes()));
    units_.push_back(std::make_unique<Unit>(std::move(tensor), settings));
    cut_and_materialise(*units_.back());
  }
}

MaskOptimizer::~MaskOptimizer() = default;

bool MaskOptimizer::can_fuse(const Unit& unit) const {
  return fused_allowed_ && settings_.rule == UpdateRule::sgd && unit.parts.theta.is_cpu() &&
         unit.parts.theta.scalar_type() == at::kFloat && unit.weight.is_contiguous();
}

void MaskOptimizer::step(double rate) {
  const at::NoGradGuard no_grad;
  for (const auto& unit : units_) {
    if (!unit->parts.parameter.grad().defined()) continue;
    const at::Tensor gradient = unit->parts.gradient();
    if (can_fuse(*unit)) {
      step_fused(*unit, gradient, rate);
    } else {
      const at::Tensor ds =
          score_gradient(criterion_, unit->parts.theta, gradient, unit->mask, unit->scale);
      at::Tensor& score = unit->parts.score;
      unit->state.apply(score, ds, unit_rate(*unit, gradient, rate));
      if (pull_.height != 0)
        score.copy_(at::where(score < pull_.top, score + unit->pull(pull_at(rate)), score));
      cut_and_materialise(*unit);
    }
  }
  // Gradients are cleared last, because several units may be rows of one parameter.
  for (const auto& unit : units_) unit->parts.parameter.mutable_grad().reset();
}

double MaskOptimizer::unit_rate(Unit& unit, const at::Tensor& gradient, double rate) const {
  if (!unit_rates_) return rate;
  const at::Tensor& theta = unit.parts.theta;
  const double squares =
      can_fuse(unit) ? kernels::dot_of_squares(aten_parallel(), theta.const_data_ptr<float>(),
                                               gradient.const_data_ptr<float>(), unit.count())
                     : (theta * gradient).square().sum(at::kDouble).item<double>();
  auto average = unit.gradient_size.item<double>();
  const double own = kernels::unit_rate(rate, unit.scale, squares, unit.count(), average);
  unit.gradient_size.fill_(average);
  return own;
}

// A step takes three sweeps over the weights, and with unit rates a fourth. The sum in the score
// gradient needs no mask, because w = c theta m gives sum(g theta m) = sum(g w) / c.
void MaskOptimizer::step_fused(Unit& unit, const at::Tensor& gradient, double rate) {
  const float* theta = unit.parts.theta.data_ptr<float>();
  const float* g = gradient.data_ptr<float>();
  float* weight = unit.weight.data_ptr<float>();
  kernels::ScoreStep step;
  if (criterion_.scale && criterion_.kind != CriterionKind::flip) {
    const double c = unit.scale;
    step.gradient_scale = static_cast<float>(c);
    step.shift = static_cast<float>(c * c / (2.0 * static_cast<double>(unit.count())) *
                                    kernels::dot(aten_parallel(), g, weight, unit.count()));
  }
  step.rate = static_cast<float>(unit_rate(unit, gradient, static_cast<float>(rate)));
  if (pull_.height != 0) {
    step.pull = static_cast<float>(pull_at(rate));
    step.top = static_cast<float>(pull_.top);
  }
  step.update = settings_;
  step.mu = static_cast<float>(criterion_.mu);
  unit.on = kernels::update_scores(
      aten_parallel(), step, theta, g, unit.parts.score.data_ptr<float>(),
      unit.state.first_moment().data_ptr<float>(), unit.mask_bytes(), unit.count(),
      pull_.height != 0 && unit.prices.defined() ? unit.prices.data_ptr<float>() : nullptr);
  const bool mask_is_final = criterion_.kind == CriterionKind::flip ||
                             (criterion_.kind == CriterionKind::threshold && unit.on > 0);
  if (!mask_is_final) return cut_and_materialise(unit);
  unit.scale = mask_scale(criterion_, unit.on, unit.count());
  const float scale = static_cast<float>(unit.scale);
  kernels::materialise(aten_parallel(), scale,
                       criterion_.kind == CriterionKind::flip ? -scale : 0.0F, theta,
                       unit.mask_bytes(), weight, unit.count());
}

void MaskOptimizer::cut_and_materialise(Unit& unit) {
  unit.mask.copy_(criterion_mask(criterion_, unit.parts.score));
  unit.on = unit.mask.sum().item<int64_t>();
  unit.scale = mask_scale(criterion_, unit.on, unit.count());
  materialise(criterion_, unit.parts.theta, unit.mask, unit.scale, unit.weight);
}

void MaskOptimizer::set_prices(size_t unit, const at::Tensor& prices) {
  at::Tensor& own = units_.at(unit)->prices;
  if (!own.defined()) own = at::empty_like(units_[unit]->parts.score, at::kFloat);
  own.copy_(prices);
}

void MaskOptimizer::set_criterion(const Criterion& criterion) {
  const at::NoGradGuard no_grad;
  criterion_ = criterion;
  for (const auto& unit : units_) cut_and_materialise(*unit);
}

void MaskOptimizer::save(const std::string& prefix, TensorMap& state) const {
  for (const auto& unit : units_) {
    state[prefix + unit->parts.name + ".score"] = unit->parts.score;
    if (unit->prices.defined()) state[prefix + unit->parts.name + ".prices"] = unit->prices;
    if (unit_rates_) state[prefix + unit->parts.name + ".gradient_size"] = unit->gradient_size;
    unit->state.save(prefix + unit->parts.name, state);
  }
}

void MaskOptimizer::load(const std::string& prefix, const TensorMap& state) {
  const at::NoGradGuard no_grad;
  for (const auto& unit : units_) {
    load_state(state, prefix + unit->parts.name + ".score", unit->parts.score);
    const std::string prices = prefix + unit->parts.name + ".prices";
    unit->prices =
        state.contains(prices) ? at::empty_like(unit->parts.score, at::kFloat) : at::Tensor();
    if (unit->prices.defined()) load_state(state, prices, unit->prices);
    if (unit_rates_)
      load_state(state, prefix + unit->parts.name + ".gradient_size", unit->gradient_size);
    unit->state.load(prefix + unit->parts.name, state);
    cut_and_materialise(*unit);
  }
}

const std::string& MaskOptimizer::name(size_t unit) const { return units_.at(unit)->parts.name; }
at::Tensor MaskOptimizer::mask(size_t unit) const { return units_.at(unit)->mask; }
at::Tensor MaskOptimizer::theta(size_t unit) const { return units_.at(unit)->parts.theta; }
at::Tensor MaskOptimizer::score(size_t unit) const { return units_.at(unit)->parts.score; }
double MaskOptimizer::scale(size_t unit) const { return units_.at(unit)->scale; }

double MaskOptimizer::masked_fraction() const {
  int64_t on = 0, count = 0;
  for (const auto& unit : units_) {
    on += unit->on;
    count += unit->count();
  }
  return count == 0 ? 0 : 1.0 - static_cast<double>(on) / static_cast<double>(count);
}

}  // namespace submask
