#include "naming/mask_units.h"

#include <map>
#include <string_view>

namespace submask {
namespace {

// A tensor's name in two parts: "layer1.0.conv1" and "weight".
struct TensorName {
  explicit TensorName(std::string_view name) {
    const size_t dot = name.rfind('.');
    if (dot == std::string_view::npos) return;
    module = name.substr(0, dot);
    tensor = name.substr(dot + 1);
  }
  std::string_view last_of_module() const { return module.substr(module.rfind('.') + 1); }

  std::string_view module, tensor;
};

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

bool masked_by_default(std::string_view kind) {
  return kind != "depthwise" && kind != "squeeze" && kind != "patch" && kind != "projection";
}

std::string convolution_kind(std::string_view module, const std::vector<int64_t>& shape) {
  if (contains(module, "downsample.")) return "downsample.conv";
  if (contains(module, ".se.")) return "squeeze";
  if (module.starts_with("patch_embed.")) return "patch";
  return shape[0] > 1 && shape[1] == 1 ? "depthwise" : "conv";
}

std::string linear_kind(const TensorName& name) {
  const std::string_view last = name.last_of_module();
  if (name.module.starts_with("attnpool.") || last == "projection") return "projection";
  if (name.tensor == "bias") return "bias";
  if (last == "proj") return "out";
  return last == "fc1" || last == "fc2" ? std::string(last) : "linear";
}

class UnitFinder {
 public:
  explicit UnitFinder(std::span<const NamedShape> tensors) {
    for (const NamedShape& tensor : tensors) shapes_[tensor.name] = &tensor.shape;
  }

  void visit(const NamedShape& tensor) {
    const TensorName name(tensor.name);
    if (name.tensor != "weight" && name.tensor != "bias") return;
    const std::vector<int64_t>* weight = shape_of(name, ".weight");
    if (weight == nullptr || tensor.shape.empty()) return;
    if (weight->size() == 4) {
      if (name.tensor == "weight") add_whole(tensor, convolution_kind(name.module, *weight));
    } else if (weight->size() == 2) {
      if (contains(name.last_of_module(), "embedding")) return;
      if (name.last_of_module() == "qkv" && tensor.shape[0] > 0 && tensor.shape[0] % 3 == 0)
        add_fused(tensor, name);
      else
        add_whole(tensor, linear_kind(name));
    } else if (contains(name.module, ".downsample.") && shape_of(name, ".running_mean")) {
      add_whole(tensor, "downsample.norm");
    }
  }

  std::vector<MaskUnit> take_units() { return std::move(units_); }

 private:
  const std::vector<int64_t>* shape_of(const TensorName& name, const char* tensor) const {
    const auto found = shapes_.find(std::string(name.module) + tensor);
    return found == shapes_.end() ? nullptr : found->second;
  }

  void add(MaskUnit unit) {
    unit.masked_by_default = masked_by_default(unit.kind);
    units_.push_back(std::move(unit));
  }

  void add_whole(const NamedShape& tensor, const std::string& kind) {
    add({tensor.name, tensor.name, 0, tensor.shape[0], kind});
  }

  // "blocks.0.attn.qkv.weight" -> units blocks.0.attn.q.weight, .k.weight and .v.weight.
  void add_fused(const NamedShape& tensor, const TensorName& name) {
    const std::string parent(name.module.substr(0, name.module.size() - 3));
    const int64_t rows = tensor.shape[0] / 3;
    int64_t begin = 0;
    for (const char* part : {"q", "k", "v"}) {
      add({parent + part + "." + std::string(name.tensor), tensor.name, begin, begin + rows,
           name.tensor == "bias" ? "bias" : part});
      begin += rows;
    }
  }

  std::map<std::string, const std::vector<int64_t>*> shapes_;
  std::vector<MaskUnit> units_;
};

}  // namespace

std::vector<MaskUnit> mask_units(std::span<const NamedShape> tensors) {
  UnitFinder finder(tensors);
  for (const NamedShape& tensor : tensors) finder.visit(tensor);
  return finder.take_units();
}

}  // namespace submask
