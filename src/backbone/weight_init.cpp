#include "backbone/weight_init.h"

#include <cmath>
#include <span>

#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/normalization.h>

#include "backbone/layers.h"
#include "base/random.h"

namespace submask {
namespace {

// The deviation of the module's weights; 0: they keep the values of the constructor.
double deviation_of(const torch::nn::Module& module) {
  if (const auto* convolution = module.as<ConvolutionImpl>()) {
    const ConvolutionShape& shape = convolution->shape();
    const int64_t fan_out = shape.out / shape.groups * shape.kernel * shape.kernel;
    return std::sqrt(2.0 / static_cast<double>(fan_out));
  }
  const bool is_norm =
      module.as<torch::nn::BatchNorm2dImpl>() || module.as<torch::nn::LayerNormImpl>();
  return is_norm ? 0 : 0.02;
}

}  // namespace

void initialise_weights(Network& network, uint64_t seed) {
  uint64_t index = 0;
  for (const auto& module : network.modules(/*include_self=*/true)) {
    const double deviation = deviation_of(*module);
    if (deviation == 0) continue;
    for (const auto& item : module->named_parameters(/*recurse=*/false)) {
      if (item.key() == "gamma") continue;  // a layer scale
      const at::Tensor tensor = item.value().detach();
      const std::span<float> values(tensor.mutable_data_ptr<float>(),
                                    static_cast<size_t>(tensor.numel()));
      if (item.key() == "bias") {
        tensor.zero_();
        continue;
      }
      Random random = random_stream(seed, Stream::weights, index++);
      for (float& value : values) value = static_cast<float>(deviation * random.normal());
    }
  }
}

}  // namespace submask
