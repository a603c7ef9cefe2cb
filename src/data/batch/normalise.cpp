#include <algorithm>
#include <array>

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <submask/loader.h>

#include "base/fail.h"

namespace submask {
namespace {

using Table = std::array<std::array<float, 256>, 3>;

// The result of the formula for each of the 256 values of each channel: looking it up takes one
// pass over the pixels instead of three.
Table normalised_values(const Preprocessing& preprocessing) {
  Table table;
  for (size_t channel = 0; channel < 3; ++channel) {
    const auto mean = static_cast<float>(preprocessing.mean[channel]);
    const auto std = static_cast<float>(preprocessing.std[channel]);
    for (size_t value = 0; value < 256; ++value)
      table[channel][value] = (static_cast<float>(value) / 255.0F - mean) / std;
  }
  return table;
}

at::Tensor normalise_on_cpu(const at::Tensor& images, const Preprocessing& preprocessing) {
  const at::Tensor source = images.contiguous(at::MemoryFormat::ChannelsLast);
  at::Tensor result = at::empty(
      images.sizes(), at::TensorOptions(at::kFloat).memory_format(at::MemoryFormat::ChannelsLast));
  const Table table = normalised_values(preprocessing);
  const uint8_t* pixels = source.const_data_ptr<uint8_t>();
  float* values = result.mutable_data_ptr<float>();
  constexpr int64_t pixels_a_task = 32768;
  at::parallel_for(0, images.numel() / 3, pixels_a_task, [&](int64_t begin, int64_t end) {
    const uint8_t* pixel = pixels + 3 * begin;
    float* out = values + 3 * begin;
    for (int64_t i = begin; i < end; ++i, pixel += 3, out += 3) {
      out[0] = table[0][pixel[0]];
      out[1] = table[1][pixel[1]];
      out[2] = table[2][pixel[2]];
    }
  });
  return result;
}

}  // namespace

at::Tensor normalise(const at::Tensor& images, const Preprocessing& preprocessing) {
  if (images.dim() != 4 || images.size(1) != 3 || images.scalar_type() != at::kByte)
    fail_argument("uint8 images of shape [N, 3, H, W]",
                  text(images.scalar_type(), " of shape ", images.sizes()));
  for (const double std : preprocessing.std)
    if (!(std > 0)) fail_argument("standard deviations above 0", std);
  if (images.is_cpu()) return normalise_on_cpu(images, preprocessing);
  const auto channel_values = [&](const std::array<double, 3>& values) {
    return at::tensor(at::ArrayRef<double>(values), at::kFloat)
        .to(images.device())
        .view({1, 3, 1, 1});
  };
  return images
      .to(at::kFloat, /*non_blocking=*/false, /*copy=*/false, at::MemoryFormat::ChannelsLast)
      .div_(255)
      .sub_(channel_values(preprocessing.mean))
      .div_(channel_values(preprocessing.std));
}

}  // namespace submask
