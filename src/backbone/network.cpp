#include "backbone/network.h"

#include <torch/nn/modules/batchnorm.h>

#include "backbone/backbone_units.h"

namespace submask {
namespace {

TensorMap as_map(const torch::OrderedDict<std::string, at::Tensor>& tensors) {
  TensorMap map;
  for (const auto& item : tensors) map.emplace(item.key(), item.value());
  return map;
}

}  // namespace

TensorMap Network::own_parameters() const { return as_map(named_parameters()); }

TensorMap Network::own_buffers() const { return as_map(named_buffers()); }

std::vector<MaskUnit> Network::mask_units() const { return find_mask_units(*this); }

void Network::hold_statistics() {
  for (const auto& module : modules(/*include_self=*/false))
    if (module->as<torch::nn::BatchNorm2dImpl>() != nullptr) module->eval();
}

}  // namespace submask
