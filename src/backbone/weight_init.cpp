#include "backbone/weight_init.h"

#include <cmath>
#include <span>

#include "backbone/layers.h"
#include "base/random.h"

namespace submask {

void initialise_weights(Network& network, uint64_t seed) {
  uint64_t index = 0;
  for (const auto& module : network.modules(/*include_self=*/false)) {
    const auto* convolution = module->as<ConvolutionImpl>();
    if (!convolution) continue;
    const ConvolutionShape& shape = convolution->shape();
    const int64_t fan_out = shape.out / shape.groups * shape.kernel * shape.kernel;
    const double deviation = std::sqrt(2.0 / static_cast<double>(fan_out));
    Random random = random_stream(seed, Stream::weights, index++);
    const at::Tensor weight = module->parameters(/*recurse=*/false).front().detach();
    const std::span<float> values(weight.mutable_data_ptr<float>(),
                                  static_cast<size_t>(weight.numel()));
    for (float& value : values) value = static_cast<float>(deviation * random.normal());
  }
}

}  // namespace submask
