#include "backbone/checkpoint_match.h"

#include <algorithm>
#include <array>
#include <set>

#include <ATen/ops/cat.h>

#include "base/contains_any.h"
#include "base/fail.h"
#include "base/glob.h"

namespace submask {
namespace {

// The fc or head of encoders with such a prefix projects for a contrastive loss and is no
// classifier.
constexpr std::array contrastive_words{"encoder_q", "encoder_k", "base_encoder",
                                       "momentum_encoder"};

// Tensors that pretraining leaves beside a network: the heads of SwAV, MoCo, DINO, DINOv2 and MAE.
const std::vector<std::string>& pretraining_parts() {
  static const std::vector<std::string> patterns{
      "projection_head.*", "prototypes.*", "predictor.*",
      "projector.*",       "fc.?.*",       "head.?.*",
      "head.mlp.*",        "head.last*",   "decoder_*",
      "decoder.*",         "mask_token",   "*.relative_position_index",
      "head_dist.*"};
  return patterns;
}

// Puts the row blocks of one tensor together.
class Assembly {
 public:
  void add(const RuleTarget& target, const at::Tensor& tensor) {
    auto& parts = parts_[target.name];
    parts.resize(static_cast<size_t>(target.rule->parts));
    const bool transposed = target.rule->transposed && tensor.dim() == 2;
    parts[static_cast<size_t>(target.rule->part)] = transposed ? tensor.t() : tensor;
  }

  // A tensor that lacks a part is left out, so that it is reported as missing.
  TensorMap finish() const {
    TensorMap whole;
    for (const auto& [name, parts] : parts_) {
      const at::Tensor& first = parts.front();
      const bool complete = std::all_of(parts.begin(), parts.end(), [&](const at::Tensor& part) {
        return part.defined() && part.dim() > 0 && part.sizes().slice(1) == first.sizes().slice(1);
      });
      if (parts.size() == 1) {
        whole[name] = first;
      } else if (complete) {
        whole[name] = at::cat(parts);
      }
    }
    return whole;
  }

 private:
  std::map<std::string, std::vector<at::Tensor>> parts_;
};

// The names of a classifier that lie right beside the network's first modules, or beside the
// network in an nn.Sequential. One behind a dropout has the number 1 there; an MLP of layers 0 and
// 2 is no classifier.
std::vector<std::string> classifier_names(const NetworkLocation& location) {
  constexpr std::array stems{"fc", "classifier", "head", "linear", "last_linear", "heads.head"};
  const TensorMap& tensors = location.dict->tensors;
  std::vector<std::string> names;
  for (const char* stem : stems) {
    const std::string name = location.prefix + stem;
    names.push_back(name);
    if (!tensors.contains(name + ".0.weight") && !tensors.contains(name + ".2.weight"))
      names.push_back(name + ".1");
  }
  names.push_back(location.prefix + "head.fc");
  constexpr std::string_view first = "0.";
  if (location.prefix.ends_with(first))
    names.push_back(location.prefix.substr(0, location.prefix.size() - first.size()) + "1");
  return names;
}

// Takes a linear layer of the network's feature width for its classifier, where it is the only one
// of a name that classifiers have.
void take_other_head(const BackboneInfo& info, const NetworkLocation& location,
                     CheckpointMatch& match) {
  const auto is_left = [&](const std::string& name) {
    return std::ranges::find(match.unexpected, name) != match.unexpected.end() ||
           std::ranges::find(match.ignored, name) != match.ignored.end();
  };
  std::vector<std::string> found;
  for (const std::string& name : classifier_names(location)) {
    if (!is_left(name + ".weight")) continue;
    const at::Tensor& matrix = location.dict->tensors.at(name + ".weight");
    if (matrix.dim() == 2 && matrix.size(1) == info.feature_width) found.push_back(name);
  }
  if (found.size() != 1) return;
  match.head_name = found.front();
  for (const char* part : {"weight", "bias"}) {
    const std::string name = text(match.head_name, ".", part);
    if (is_left(name)) match.head[part] = location.dict->tensors.at(name);
    std::erase(match.unexpected, name);
    std::erase(match.ignored, name);
  }
}

}  // namespace

CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const NetworkLocation& location) {
  const StateDict& dict = *location.dict;
  const std::set<std::string> network_names = tensor_names(network);
  CheckpointMatch match;
  // Of two classifiers, one a token, none is that of the features.
  const bool lacks_head = contains_any(location.prefix, contrastive_words) ||
                          dict.tensors.contains(location.prefix + "head_dist.weight");
  std::set<std::string> taken;
  Assembly assembly;
  for (const auto& [name, tensor] : dict.tensors) {
    if (!name.starts_with(location.prefix)) {
      match.ignored.push_back(name);
      continue;
    }
    const std::string rest = name.substr(location.prefix.size());
    const auto target = find_target(location.layout, rest);
    const std::string head = info.head_name + ".";
    const bool in_head =
        target && (target->name == head + "weight" || target->name == head + "bias" ||
                   target->name == head + "cosine");
    if (target && network_names.contains(target->name)) {
      // Where two names mean the same tensor, the second one is unexpected.
      const bool first =
          taken.insert(target->name + "#" + std::to_string(target->rule->part)).second;
      if (first) {
        assembly.add(*target, tensor);
      } else {
        match.unexpected.push_back(name);
      }
    } else if (in_head && !lacks_head) {
      match.head[target->name.substr(head.size())] = tensor;
    } else if (in_head || glob_match_any(location.layout.ignored, rest) ||
               glob_match_any(pretraining_parts(), rest)) {
      match.ignored.push_back(name);
    } else {
      match.unexpected.push_back(name);
    }
  }
  match.tensors = assembly.finish();
  for (const auto& [name, kind] : dict.unread) {
    if (!name.starts_with(location.prefix)) continue;
    const auto target = find_target(location.layout, name.substr(location.prefix.size()));
    if (target && network_names.contains(target->name)) match.unread[target->name] = kind;
  }
  if (match.head.empty() && !lacks_head) take_other_head(info, location, match);
  return match;
}

TensorMap rename_tensors(const CheckpointLayout& layout, const std::string& prefix,
                         const TensorMap& tensors) {
  Assembly assembly;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(prefix)) continue;
    const auto target = find_target(layout, std::string_view(name).substr(prefix.size()));
    if (target) assembly.add(*target, tensor);
  }
  return assembly.finish();
}

int64_t count_fitting(const Network& network, const CheckpointMatch& match) {
  int64_t count = 0;
  const auto fits = [&](const auto& item) {
    const auto found = match.tensors.find(item.first);
    if (found == match.tensors.end()) return false;
    const at::Tensor fitted = network.fit_tensor(item.first, found->second);
    return fitted.sizes() == item.second.sizes() || network.takes_shape_of(item.first, fitted);
  };
  for (const auto& item : network.own_parameters()) count += fits(item);
  for (const auto& item : network.own_buffers()) count += fits(item);
  return count;
}

}  // namespace submask
