#include "backbone/backbone_units.h"

#include <bit>

#include <torch/nn/modules/batchnorm.h>

#include "backbone/layers.h"
#include "backbone/tensor_text.h"
#include "base/hash.h"

namespace submask {
namespace {

MaskUnit whole_parameter(const std::string& name, const at::Tensor& parameter,
                         const std::string& kind) {
  return {.name = name,
          .parameter = name,
          .row_begin = 0,
          .row_end = parameter.size(0),
          .kind = kind,
          .masked_by_default = kind != "depthwise"};
}

}  // namespace

std::vector<MaskUnit> find_mask_units(const Network& network) {
  std::vector<MaskUnit> units;
  for (const auto& item : network.named_modules(/*name_prefix=*/"", /*include_self=*/false)) {
    const bool in_downsample = item.key().find(".downsample.") != std::string::npos;
    const auto add = [&](const std::string& tensor, const std::string& kind) {
      const at::Tensor& parameter = item.value()->named_parameters(/*recurse=*/false)[tensor];
      units.push_back(whole_parameter(item.key() + "." + tensor, parameter, kind));
    };
    if (const auto* convolution = item.value()->as<ConvolutionImpl>()) {
      add("weight", in_downsample                 ? "downsample.conv"
                    : convolution->is_depthwise() ? "depthwise"
                                                  : "conv");
    } else if (in_downsample && item.value()->as<torch::nn::BatchNorm2dImpl>()) {
      add("weight", "downsample.norm");
      add("bias", "downsample.norm");
    }
  }
  return units;
}

std::string weights_identity(const std::vector<MaskUnit>& units, const TensorMap& parameters) {
  static_assert(std::endian::native == std::endian::little, "values are hashed as they lie");
  Sha256 hash;
  const std::string_view separator("\0", 1);
  for (const MaskUnit& unit : units) {
    const at::Tensor values = parameters.at(unit.parameter)
                                  .detach()
                                  .slice(0, unit.row_begin, unit.row_end)
                                  .to(at::kCPU, at::kFloat)
                                  .contiguous();
    hash.update(unit.name);
    hash.update(separator);
    hash.update(shape_text(values.sizes()));
    hash.update(separator);
    hash.update(Bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes()));
  }
  return hash.hex();
}

}  // namespace submask
