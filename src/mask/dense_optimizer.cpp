#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "mask/aten_parallel.h"
#include "mask/optimizer.h"

namespace submask {

DenseOptimizer::DenseOptimizer(std::vector<at::Tensor> parameters, const UpdateSettings& settings)
    : parameters_(std::move(parameters)) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : parameters_) states_.emplace_back(settings, parameter);
}

void DenseOptimizer::step(double rate) {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < parameters_.size(); ++i) {
    at::Tensor weight = parameters_[i].detach();
    at::Tensor& gradient = parameters_[i].mutable_grad();
    if (!gradient.defined()) continue;
    const UpdateSettings& settings = states_[i].settings();
    if (settings.rule == UpdateRule::sgd && weight.is_cpu() && weight.scalar_type() == at::kFloat &&
        weight.is_contiguous() && gradient.is_contiguous()) {
      kernels::update_weights(aten_parallel(), settings, static_cast<float>(rate),
                              gradient.data_ptr<float>(), weight.data_ptr<float>(),
                              states_[i].first_moment().data_ptr<float>(), weight.numel());
    } else {
      states_[i].apply(weight, gradient, rate);
    }
    gradient.reset();
  }
}

void DenseOptimizer::save(const std::string& prefix, TensorMap& state) const {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const std::string name = prefix + std::to_string(i);
    state[name + ".value"] = parameters_[i].detach();
    states_[i].save(name, state);
  }
}

void DenseOptimizer::load(const std::string& prefix, const TensorMap& state) {
  for (size_t i = 0; i < parameters_.size(); ++i) {
    const std::string name = prefix + std::to_string(i);
    at::Tensor value = parameters_[i].detach();
    load_state(state, name + ".value", value);
    states_[i].load(name, state);
  }
}

}  // namespace submask
