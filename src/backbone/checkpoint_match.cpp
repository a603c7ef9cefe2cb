#include "backbone/checkpoint_match.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <ATen/ops/cat.h>

#include "base/glob.h"

namespace submask {
namespace {

bool contains_any(std::string_view text, auto const& words) {
  return std::any_of(words.begin(), words.end(),
                     [&](const char* word) { return text.find(word) != std::string_view::npos; });
}

// Where a file holds two networks, the prefix of the one that is not loaded by timm and by the
// authors' evaluations has one of these words.
constexpr std::array unwanted_words{"student", "encoder_k", "momentum_encoder"};
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
      "decoder.*",         "mask_token",   "*.relative_position_index"};
  return patterns;
}

std::set<std::string> tensor_names(const Network& network) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : network.own_parameters()) names.insert(name);
  for (const auto& [name, tensor] : network.own_buffers()) names.insert(name);
  return names;
}

struct Location {
  std::string prefix;
  const CheckpointLayout* layout = nullptr;
};

Location find_network(const std::vector<CheckpointLayout>& layouts,
                      const std::set<std::string>& network_names, const TensorMap& tensors) {
  std::tuple<int64_t, bool, int64_t> best_score{-1, false, 0};
  Location best{"", &layouts.front()};
  for (const CheckpointLayout& layout : layouts) {
    std::map<std::string, std::set<std::string>> found;  // by prefix
    for (const auto& [name, tensor] : tensors)
      for_each_split(name, [&](const std::string& prefix, std::string_view rest) {
        const auto target = find_target(layout, rest);
        if (target && network_names.contains(target->name)) found[prefix].insert(target->name);
      });
    for (const auto& [prefix, names] : found) {
      const std::tuple score{static_cast<int64_t>(names.size()),
                             !contains_any(prefix, unwanted_words),
                             -static_cast<int64_t>(prefix.size())};
      if (score > best_score) {
        best_score = score;
        best = {prefix, &layout};
      }
    }
  }
  return best;
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

}  // namespace

CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const TensorMap& tensors) {
  std::vector<CheckpointLayout> layouts{{.name = "its own names", .rules = {}, .ignored = {}}};
  for (CheckpointLayout& layout : network.layouts()) layouts.push_back(std::move(layout));
  const std::set<std::string> network_names = tensor_names(network);
  const Location location = find_network(layouts, network_names, tensors);

  CheckpointMatch match;
  match.prefix = location.prefix;
  match.layout = location.layout->name;
  const bool contrastive = contains_any(location.prefix, contrastive_words);
  std::set<std::string> taken;
  Assembly assembly;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(location.prefix)) {
      match.ignored.push_back(name);
      continue;
    }
    const std::string rest = name.substr(location.prefix.size());
    const auto target = find_target(*location.layout, rest);
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
    } else if (in_head && !contrastive) {
      match.head[target->name.substr(head.size())] = tensor;
    } else if (in_head || glob_match_any(location.layout->ignored, rest) ||
               glob_match_any(pretraining_parts(), rest)) {
      match.ignored.push_back(name);
    } else {
      match.unexpected.push_back(name);
    }
  }
  match.tensors = assembly.finish();
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
    return found != match.tensors.end() &&
           network.fit_tensor(item.first, found->second).sizes() == item.second.sizes();
  };
  for (const auto& item : network.own_parameters()) count += fits(item);
  for (const auto& item : network.own_buffers()) count += fits(item);
  return count;
}

}  // namespace submask
