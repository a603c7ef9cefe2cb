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

// Of two networks in one file, the one that timm and the authors' own evaluations do not load.
constexpr std::array other_words{"student", "encoder_k", "momentum_encoder"};
// Encoders whose fc or head projects for a contrastive loss: no classifier.
constexpr std::array contrastive_words{"encoder_q", "encoder_k", "base_encoder",
                                       "momentum_encoder"};

// What pretraining leaves beside a network: SwAV's, MoCo's, DINO's, DINOv2's and MAE's heads.
const std::vector<std::string>& pretraining_parts() {
  static const std::vector<std::string> patterns{
      "projection_head.*", "prototypes.*", "predictor.*",
      "projector.*",       "fc.?.*",       "head.?.*",
      "head.mlp.*",        "head.last*",   "decoder_*",
      "decoder.*",         "mask_token",   "*.relative_position_index"};
  return patterns;
}

const NameRule own_names{.from = "*", .to = "*"};

// The rule of a layout for a tensor, and the network's name for it.
struct Target {
  const NameRule* rule = nullptr;
  std::string name;
};

Target find_target(const CheckpointLayout& layout, std::string_view name) {
  if (layout.rules.empty()) return {&own_names, std::string(name)};
  for (const NameRule& rule : layout.rules)
    if (auto own = renamed(rule, name)) return {&rule, *own};
  return {};
}

std::set<std::string> tensor_names(const Network& network) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : network.own_parameters()) names.insert(name);
  for (const auto& [name, tensor] : network.own_buffers()) names.insert(name);
  return names;
}

// Every way to read "a.b.c" as a prefix and a name: "" + "a.b.c", "a." + "b.c", "a.b." + "c".
void for_each_split(const std::string& name, const auto& visit) {
  for (size_t begin = 0; begin != std::string::npos && begin < name.size();) {
    visit(name.substr(0, begin), std::string_view(name).substr(begin));
    const size_t dot = name.find('.', begin);
    begin = dot == std::string::npos ? dot : dot + 1;
  }
}

struct Place {
  std::string prefix;
  const CheckpointLayout* layout = nullptr;
};

Place best_place(const std::vector<CheckpointLayout>& layouts, const std::set<std::string>& own,
                 const TensorMap& tensors) {
  std::tuple<int64_t, bool, int64_t> best{-1, false, 0};
  Place place{"", &layouts.front()};
  for (const CheckpointLayout& layout : layouts) {
    std::map<std::string, std::set<std::string>> found;  // by prefix
    for (const auto& [name, tensor] : tensors)
      for_each_split(name, [&](std::string prefix, std::string_view rest) {
        const Target target = find_target(layout, rest);
        if (target.rule && own.contains(target.name)) found[prefix].insert(target.name);
      });
    for (const auto& [prefix, names] : found) {
      const std::tuple score{static_cast<int64_t>(names.size()), !contains_any(prefix, other_words),
                             -static_cast<int64_t>(prefix.size())};
      if (score > best) {
        best = score;
        place = {prefix, &layout};
      }
    }
  }
  return place;
}

// Puts the row blocks of one tensor together.
class Assembly {
 public:
  void add(const Target& target, const at::Tensor& tensor) {
    auto& parts = parts_[target.name];
    parts.resize(static_cast<size_t>(target.rule->parts));
    const bool turned = target.rule->transposed && tensor.dim() == 2;
    parts[static_cast<size_t>(target.rule->part)] = turned ? tensor.t() : tensor;
  }

  // A tensor of which a part is missing is left out, and so reported as missing.
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
  const std::set<std::string> own = tensor_names(network);
  const Place place = best_place(layouts, own, tensors);

  CheckpointMatch match;
  match.prefix = place.prefix;
  match.layout = place.layout->name;
  const bool contrastive = contains_any(place.prefix, contrastive_words);
  std::set<std::string> taken;
  Assembly assembly;
  for (const auto& [name, tensor] : tensors) {
    if (!name.starts_with(place.prefix)) {
      match.ignored.push_back(name);
      continue;
    }
    const std::string rest = name.substr(place.prefix.size());
    const Target target = find_target(*place.layout, rest);
    const std::string head = info.head_name + ".";
    const bool in_head = target.name == head + "weight" || target.name == head + "bias" ||
                         target.name == head + "cosine";
    if (target.rule && own.contains(target.name)) {
      // Where two names mean one tensor the second is unexpected.
      const bool first = taken.insert(target.name + "#" + std::to_string(target.rule->part)).second;
      if (first) {
        assembly.add(target, tensor);
      } else {
        match.unexpected.push_back(name);
      }
    } else if (in_head && !contrastive) {
      match.head[target.name.substr(head.size())] = tensor;
    } else if (in_head || glob_match_any(place.layout->ignored, rest) ||
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
    const Target target = find_target(layout, std::string_view(name).substr(prefix.size()));
    if (target.rule) assembly.add(target, tensor);
  }
  return assembly.finish();
}

int64_t count_fitting(const Network& network, const CheckpointMatch& match) {
  int64_t count = 0;
  const auto fits = [&](const auto& own) {
    const auto found = match.tensors.find(own.first);
    return found != match.tensors.end() &&
           network.fitted(own.first, found->second).sizes() == own.second.sizes();
  };
  for (const auto& own : network.own_parameters()) count += fits(own);
  for (const auto& own : network.own_buffers()) count += fits(own);
  return count;
}

}  // namespace submask
