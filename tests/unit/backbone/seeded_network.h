// Networks with seeded weights: the twin of seeded_state() in tests/reference/make_backbones.py.
#pragma once

#include <cmath>
#include <string>

#include <submask/backbone.h>

#include "backbone/state_dict.h"
#include "base/random.h"

namespace submask {

// The tensors of a file, loaded as its state dict.
inline LoadedState load_tensors(Network& network, const BackboneInfo& info,
                                const TensorMap& tensors, const std::string& path) {
  WeightFile file;
  file.tensors = tensors;
  return load_state_dict(network, info, choose_state_dict(network, info, file, ""), path);
}

constexpr uint64_t weight_stream = 1, image_stream = 2;

inline at::Tensor seeded_noise(at::IntArrayRef shape, std::initializer_list<uint64_t> key) {
  at::Tensor noise = at::empty(shape, at::kDouble);
  Random random(key);
  double* const values = noise.mutable_data_ptr<double>();
  for (int64_t i = 0; i < noise.numel(); ++i) values[i] = 2 * random.uniform() - 1;
  return noise;
}

inline TensorMap without_counters(TensorMap tensors) {
  std::erase_if(tensors,
                [](const auto& item) { return item.first.ends_with("num_batches_tracked"); });
  return tensors;
}

// A state dict for `backbone`, head and counters left out.
inline TensorMap seeded_state(const Backbone& backbone) {
  TensorMap state = backbone.parameters();
  state.merge(backbone.buffers());
  state = without_counters(state);
  uint64_t index = 0;
  for (auto& [name, tensor] : state) {
    const at::Tensor noise = seeded_noise(tensor.sizes(), {weight_stream, index++});
    at::Tensor values = noise * 0.2;
    if (tensor.dim() == 4) {
      values = noise * std::sqrt(6.0 / static_cast<double>(tensor[0].numel()));
    } else if (name.ends_with("running_var")) {
      values = noise * 0.3 + 1;
    } else if (tensor.dim() == 2 && name.ends_with("weight")) {
      values = noise * std::sqrt(3.0 / static_cast<double>(tensor.size(1)));
    } else if (name.ends_with("weight") || name.ends_with("gamma")) {
      values = noise * 0.2 + 1;
    }
    tensor = values.to(at::kFloat);
  }
  return state;
}

inline at::Tensor seeded_images(at::IntArrayRef shape) {
  return (seeded_noise(shape, {image_stream}) * 2).to(at::kFloat);
}

}  // namespace submask
