#include "backbone/backbone_units.h"

#include <bit>

#include <torch/nn/modules/batchnorm.h>

#include "backbone/layers.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace {

bool masked_by_default(const std::string& kind) {
  return kind != "depthwise" && kind != "squeeze" && kind != "patch" && kind != "projection";
}

std::string convolution_kind(const std::string& module, const ConvolutionImpl& convolution) {
  if (module.find("downsample.") != std::string::npos) return "downsample.conv";
  if (module.find(".se.") != std::string::npos) return "squeeze";
  if (module.starts_with("patch_embed.")) return "patch";
  return convolution.is_depthwise() ? "depthwise" : "conv";
}

std::string linear_kind(const std::string& module) {
  const std::string last = module.substr(module.rfind('.') + 1);
  if (module.starts_with("attnpool.") || last == "projection") return "projection";
  if (last == "proj") return "out";
  return last == "fc1" || last == "fc2" ? last : "linear";
}

class UnitFinder {
 public:
  void visit(const std::string& name, const torch::nn::Module& module) {
    const bool in_downsample = name.find(".downsample.") != std::string::npos;
    if (const auto* convolution = module.as<ConvolutionImpl>()) {
      add_whole(name, module, "weight", convolution_kind(name, *convolution));
    } else if (in_downsample && module.as<torch::nn::BatchNorm2dImpl>()) {
      add_whole(name, module, "weight", "downsample.norm");
      add_whole(name, module, "bias", "downsample.norm");
    } else if (module.as<FusedQkvImpl>()) {
      for (const char* tensor : {"weight", "bias"}) add_fused(name, module, tensor);
    } else if (module.as<LinearImpl>()) {
      const std::string kind = linear_kind(name);
      add_whole(name, module, "weight", kind);
      add_whole(name, module, "bias", kind == "projection" ? kind : "bias");
    }
  }

  std::vector<MaskUnit> take_units() { return std::move(units_); }

 private:
  void add(MaskUnit unit) {
    unit.masked_by_default = masked_by_default(unit.kind);
    units_.push_back(std::move(unit));
  }

  void add_whole(const std::string& name, const torch::nn::Module& module,
                 const std::string& tensor, const std::string& kind) {
    const auto parameters = module.named_parameters(/*recurse=*/false);
    const at::Tensor* parameter = parameters.find(tensor);
    if (!parameter) return;
    add({.name = text(name, ".", tensor),
         .parameter = text(name, ".", tensor),
         .row_begin = 0,
         .row_end = parameter->size(0),
         .kind = kind});
  }

  // "blocks.0.attn.qkv.weight" -> units blocks.0.attn.q.weight, .k.weight and .v.weight.
  void add_fused(const std::string& name, const torch::nn::Module& module,
                 const std::string& tensor) {
    const auto parameters = module.named_parameters(/*recurse=*/false);
    const at::Tensor* parameter = parameters.find(tensor);
    if (!parameter) return;
    const std::string parent = name.substr(0, name.rfind('.') + 1);
    const int64_t rows = parameter->size(0) / 3;
    int64_t begin = 0;
    for (const char* part : {"q", "k", "v"}) {
      add({.name = text(parent, part, ".", tensor),
           .parameter = text(name, ".", tensor),
           .row_begin = begin,
           .row_end = begin + rows,
           .kind = tensor == "bias" ? "bias" : part});
      begin += rows;
    }
  }

  std::vector<MaskUnit> units_;
};

}  // namespace

std::vector<MaskUnit> find_mask_units(const Network& network) {
  UnitFinder finder;
  for (const auto& item : network.named_modules(/*name_prefix=*/"", /*include_self=*/false))
    finder.visit(item.key(), *item.value());
  return finder.take_units();
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
