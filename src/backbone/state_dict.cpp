#include "backbone/state_dict.h"

#include <vector>

#include "backbone/tensor_text.h"
#include "base/fail.h"
#include "weights/quoted_name.h"

namespace submask {
namespace {

std::string described(const at::Tensor& tensor) {
  return text(tensor.scalar_type(), " [", shape_text(tensor.sizes()), "]");
}

// Everything that keeps a file from being a network's state dict, gathered before anything is said.
class Mismatches {
 public:
  void missing(const std::string& name) { missing_.push_back(name); }
  void unexpected(const std::string& name) { unexpected_.push_back(shown_name(name)); }
  void wrong(const std::string& name, const std::string& expected, const at::Tensor& got) {
    wrong_.push_back(text(name, " ", described(got), " (expected [", expected, "])"));
  }

  void throw_if_any(const std::string& backbone, const std::string& path) const {
    const std::string all = listed("missing", missing_) + listed("unexpected", unexpected_) +
                            listed("of the wrong shape or type", wrong_);
    if (all.empty()) return;
    fail_corrupt("the tensors of " + backbone, all.substr(2), path);
  }

 private:
  static std::string listed(const std::string& what, const std::vector<std::string>& names) {
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? " " : ", ") + name;
    return list.empty() ? "" : text("; ", names.size(), " ", what, ":", list);
  }

  std::vector<std::string> missing_, unexpected_, wrong_;
};

// The file's tensors by canonical name. Where two names mean one tensor the second is unexpected.
TensorMap canonical(const Network& network, const TensorMap& tensors, Mismatches& mismatches) {
  TensorMap renamed;
  for (const auto& [name, tensor] : tensors) {
    if (!renamed.emplace(network.canonical_name(name), tensor).second) mismatches.unexpected(name);
  }
  return renamed;
}

at::Tensor take(TensorMap& tensors, const std::string& name) {
  const auto node = tensors.extract(name);
  return node ? node.mapped() : at::Tensor();
}

TensorMap take_head(TensorMap& tensors, const BackboneInfo& info, Mismatches& mismatches) {
  const std::string weight_name = info.head_name + ".weight", bias_name = info.head_name + ".bias";
  const at::Tensor weight = take(tensors, weight_name), bias = take(tensors, bias_name);
  if (!weight.defined() && !bias.defined()) return {};
  if (!weight.defined()) mismatches.missing(weight_name);
  if (!bias.defined()) mismatches.missing(bias_name);
  if (!weight.defined() || !bias.defined()) return {};

  const bool weight_fits = weight.dim() == 2 && weight.size(0) > 0 &&
                           weight.size(1) == info.feature_width && weight.is_floating_point();
  if (!weight_fits) mismatches.wrong(weight_name, text("classes,", info.feature_width), weight);
  const bool bias_fits = bias.dim() == 1 && bias.is_floating_point() &&
                         (!weight_fits || bias.size(0) == weight.size(0));
  if (!bias_fits) mismatches.wrong(bias_name, "classes", bias);
  return {{"weight", weight}, {"bias", bias}};
}

TensorMap as_map(const torch::OrderedDict<std::string, at::Tensor>& tensors) {
  TensorMap map;
  for (const auto& item : tensors) map.emplace(item.key(), item.value());
  return map;
}

}  // namespace

TensorMap parameters_of(const Network& network) { return as_map(network.named_parameters()); }

TensorMap buffers_of(const Network& network) { return as_map(network.named_buffers()); }

TensorMap load_state_dict(Network& network, const BackboneInfo& info, const TensorMap& tensors,
                          const std::string& path) {
  Mismatches mismatches;
  TensorMap found = canonical(network, tensors, mismatches);
  TensorMap own = parameters_of(network);
  own.merge(buffers_of(network));

  std::vector<std::pair<at::Tensor, at::Tensor>> copies;
  for (const auto& [name, target] : own) {
    const at::Tensor source = take(found, name);
    if (!source.defined()) {
      // A step counter that files from before PyTorch 0.4.1 lack and that inference never reads.
      if (!name.ends_with(".num_batches_tracked")) mismatches.missing(name);
    } else if (source.sizes() != target.sizes() ||
               source.is_floating_point() != target.is_floating_point()) {
      mismatches.wrong(name, shape_text(target.sizes()), source);
    } else {
      copies.emplace_back(target, source);
    }
  }
  TensorMap head = take_head(found, info, mismatches);
  for (const auto& [name, tensor] : found) mismatches.unexpected(name);
  mismatches.throw_if_any(info.name, path);

  for (auto& [target, source] : copies) target.detach().copy_(source);
  for (auto& [name, tensor] : head) tensor = tensor.detach().to(at::kCPU, at::kFloat, false, true);
  return head;
}

}  // namespace submask
