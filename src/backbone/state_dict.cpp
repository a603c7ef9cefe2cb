#include "backbone/state_dict.h"

#include <algorithm>
#include <array>
#include <vector>

#include <torch/nn/modules/batchnorm.h>

#include "backbone/backbone_registry.h"
#include "backbone/tensor_text.h"
#include "base/fail.h"
#include "base/name_list.h"
#include "naming/foreign_networks.h"

namespace submask {
namespace {

constexpr int64_t most_listed = 10;  // of each kind

// Collects all differences between a file and a network's state dict for one error.
class Mismatches {
 public:
  void add_missing(const std::string& name) { missing_.add(name); }
  void add_unread(const std::string& name, const std::string& kind) {
    unread_.add(text(name, " (", kind, ")"));
  }
  void add_unexpected(const std::string& name) { unexpected_.add(name); }
  void add_wrong(const std::string& name, const std::string& expected, const at::Tensor& got) {
    wrong_.add(text(name, " ", tensor_text(got), " (expected ", expected, ")"));
  }

  // "" where there are none.
  std::string list() const {
    const std::string parts =
        listed("missing", missing_) + listed("of a kind that is not read", unread_) +
        listed("unexpected", unexpected_) + listed("of the wrong shape or type", wrong_);
    return parts.empty() ? parts : parts.substr(2);
  }

 private:
  static std::string listed(const std::string& problem, const NameList& names) {
    return names.count() == 0 ? "" : text("; ", names.count(), " ", problem, ": ", names.joined());
  }

  NameList missing_{most_listed}, unread_{most_listed}, unexpected_{most_listed},
      wrong_{most_listed};
};

void check_head(const TensorMap& head, const BackboneInfo& info, Mismatches& mismatches) {
  if (head.empty()) return;
  if (const auto cosine = head.find("cosine"); cosine != head.end()) {
    if (head.size() != 1 || cosine->second.dim() != 2 ||
        cosine->second.size(1) != info.feature_width)
      mismatches.add_wrong(info.head_name + ".cosine",
                           text("Float [classes,", info.feature_width, "]"), cosine->second);
    return;
  }
  const std::string weight_name = info.head_name + ".weight", bias_name = info.head_name + ".bias";
  if (!head.contains("weight")) return mismatches.add_missing(weight_name);
  const at::Tensor& weight = head.at("weight");
  const bool weight_fits = weight.dim() == 2 && weight.size(0) > 0 &&
                           weight.size(1) == info.feature_width && weight.is_floating_point();
  if (!weight_fits)
    mismatches.add_wrong(weight_name, text("Float [classes,", info.feature_width, "]"), weight);
  if (!head.contains("bias")) return;
  const at::Tensor& bias = head.at("bias");
  const bool bias_fits = bias.dim() == 1 && bias.is_floating_point() &&
                         (!weight_fits || bias.size(0) == weight.size(0));
  if (!bias_fits) mismatches.add_wrong(bias_name, "Float [classes]", bias);
}

// Makes a head of tensors that check_head() accepted.
std::optional<Head> make_head(const TensorMap& head) {
  if (head.empty()) return std::nullopt;
  const auto values = [&](const char* name) {
    return head.at(name).detach().to(at::kCPU, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
  };
  if (head.contains("cosine")) return CosineHead{values("cosine")};
  const at::Tensor weight = values("weight");
  return LinearHead{weight, head.contains("bias") ? values("bias") : at::zeros({weight.size(0)})};
}

// Whether the shapes are equal without dimensions of size 1, on which libraries disagree for class
// tokens.
bool same_shape_without_ones(const at::Tensor& a, const at::Tensor& b) {
  std::vector<int64_t> left = a.sizes().vec(), right = b.sizes().vec();
  std::erase(left, 1);
  std::erase(right, 1);
  return left == right;
}

// Advice that names the backbone of which the largest share of tensors is in the file; "" where
// that is `info` or the share is not above one half.
std::string advise_backbone(const BackboneInfo& info, const StateDict& dict) {
  double best_share = 0;
  int64_t best_count = 0;
  std::string advice;
  for (const BackboneEntry& entry : backbone_registry()) {
    const auto network = entry.make();
    const auto total =
        static_cast<int64_t>(network->own_parameters().size() + network->own_buffers().size());
    const NetworkLocation location = find_network(*network, std::array{&dict});
    const int64_t count = count_fitting(*network, match_checkpoint(*network, entry.info, location));
    const double share = static_cast<double>(count) / static_cast<double>(total);
    const auto fit = std::pair(share, count), best = std::pair(best_share, best_count);
    const bool is_chosen = entry.info.name == info.name;  // it wins ties
    if (is_chosen ? fit < best : fit <= best) continue;
    best_share = share;
    best_count = count;
    advice = is_chosen ? ""
                       : text("a file that fits ", entry.info.name, " best (", count, " of its ",
                              total, " tensors): ");
  }
  return best_share > 0.5 ? advice : "";
}

// Whose names the unexpected tensors have, where that is known.
std::string foreign_names(const CheckpointMatch& match) {
  const std::string known = foreign_network(match.unexpected);
  return known.empty() ? "" : known + "; ";
}

// The library's batch norms may divide by another deviation than timm's.
void set_norm_epsilon(Network& network, double epsilon) {
  for (const auto& module : network.modules(/*include_self=*/false))
    if (auto* norm = module->as<torch::nn::BatchNorm2d>()) norm->options.eps(epsilon);
}

}  // namespace

LoadedState load_state_dict(Network& network, const BackboneInfo& info,
                            const ChosenStateDict& chosen, const std::string& path,
                            at::ScalarType kept_type) {
  const CheckpointMatch& match = chosen.match;
  Mismatches mismatches;
  const TensorMap parameters = network.own_parameters();
  TensorMap targets = parameters;
  targets.merge(network.own_buffers());

  std::vector<std::pair<std::string, at::Tensor>> found;
  for (const auto& [name, target] : targets) {
    // Files from before PyTorch 0.4.1 lack this counter of steps, and inference never reads it.
    const bool is_counter = name.ends_with(".num_batches_tracked");
    const auto entry = match.tensors.find(name);
    if (entry == match.tensors.end()) {
      const auto unread = match.unread.find(name);
      if (unread != match.unread.end())
        mismatches.add_unread(name, unread->second);
      else if (!is_counter)
        mismatches.add_missing(name);
      continue;
    }
    at::Tensor source = network.fit_tensor(name, entry->second);
    const bool same_kind = source.is_floating_point() == target.is_floating_point();
    if (network.takes_shape_of(name, source)) {
      found.emplace_back(name, source);
    } else if (!same_shape_without_ones(source, target) || !same_kind) {
      if (!is_counter) mismatches.add_wrong(name, tensor_text(target), source);
    } else {
      found.emplace_back(name, source.reshape(target.sizes()));
    }
  }
  check_head(match.head, info, mismatches);
  for (const std::string& name : match.unexpected) mismatches.add_unexpected(name);
  if (const std::string list = mismatches.list(); !list.empty())
    // The list may be longer than shown() allows; names and their number are bounded.
    fail(ErrorKind::corrupt_file, "expected the tensors of ", info.name, ", got ",
         advise_backbone(info, *chosen.location.dict), foreign_names(match), list, ", in ", path);

  for (auto& [name, source] : found) {
    at::Tensor& target = targets.at(name);
    const at::ScalarType type = source.scalar_type();
    const bool has_right_type = type == at::kFloat || (type == kept_type && source.dim() >= 2);
    const bool shares_memory = parameters.contains(name) && has_right_type &&
                               source.is_contiguous() && source.device() == target.device();
    if (shares_memory) {
      target.set_data(source);
    } else if (source.sizes() != target.sizes()) {
      target.set_data(source.to(target.options(), /*non_blocking=*/false, /*copy=*/true));
    } else {
      target.detach().copy_(source);
    }
  }
  const CheckpointLayout& layout = chosen.location.layout;
  if (layout.norm_epsilon > 0) set_norm_epsilon(network, layout.norm_epsilon);
  return {make_head(match.head),
          {.format = {},
           .layout = layout.name,
           .prefix = chosen.location.prefix,
           .used = static_cast<int64_t>(found.size()),
           .ignored = match.ignored,
           .notes = chosen.notes}};
}

}  // namespace submask
