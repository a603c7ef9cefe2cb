#include "mask/weight_set.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"

namespace submask {

WeightSet copy_weights(const Backbone& backbone, const std::vector<std::string>& parameters) {
  const at::NoGradGuard no_grad;
  WeightSet weights;
  for (const std::string& name : parameters) weights[name] = backbone.theta().at(name).clone();
  for (const auto& [name, buffer] : backbone.buffers()) weights[name] = buffer.detach().clone();
  return weights;
}

WeightSet network_weights(const Backbone& backbone, TensorMap state_dict) {
  std::erase_if(state_dict, [&](const auto& item) {
    return item.first.starts_with(backbone.info().head_name + ".");
  });
  const at::Device device = backbone.theta().begin()->second.device();
  for (auto& [name, tensor] : state_dict) tensor = tensor.to(device);
  return state_dict;
}

WeightBinding::WeightBinding(const Backbone& backbone, const WeightSet& weights) {
  TensorMap network_tensors = backbone.parameters();
  network_tensors.merge(backbone.buffers());
  for (const auto& [name, weight] : weights) {
    const auto found = network_tensors.find(name);
    if (found == network_tensors.end())
      fail_argument(text("tensors of ", backbone.info().name), name);
    if (found->second.sizes() != weight.sizes())
      fail_argument(text(name, " of shape ", found->second.sizes()), weight.sizes());
  }
  for (const auto& [name, weight] : weights) {
    at::Tensor& target = network_tensors.at(name);
    previous_.emplace_back(target, target.detach());
    if (target.grad().defined()) {
      previous_.back().second.mutable_grad() = target.grad();
      target.mutable_grad().reset();
    }
    target.set_data(weight);
  }
}

WeightBinding::~WeightBinding() {
  for (auto& [target, before] : previous_) {
    target.set_data(before);
    if (target.grad().defined() || before.grad().defined()) target.mutable_grad() = before.grad();
  }
}

}  // namespace submask
