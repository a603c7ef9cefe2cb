// How other libraries name and lay out a network's tensors, as data: one rule a kind of tensor.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <submask/preprocessing.h>

namespace submask {

// Turns the name that a library gives a tensor into the network's own name. Each '*' in `from`
// matches one or more characters other than '.', and a '*' at its end matches all that is left,
// dots too. The same characters replace the '*'s in `to`. A '~' in `from` matches as a '*' within
// it, and is left out of the name. The first rule that matches a whole name is used.
struct NameRule {
  std::string from;
  std::string to;
  // The tensor is row block `part` of `parts` in the network's tensor, as q, k and v in a fused
  // qkv.
  int64_t part = 0;
  int64_t parts = 1;
  bool transposed = false;  // the file holds the matrix as [in, out]
  int64_t trailing_ones =
      0;  // dimensions of size 1 that the network's tensor has behind the file's
};

struct CheckpointLayout {
  std::string name;                  // "transformers", "OpenAI"
  std::vector<NameRule> rules;       // empty: names are the network's own
  std::vector<std::string> ignored;  // patterns (base/glob.h) of tensors that are not the network's
  double norm_epsilon = 0;  // of the library's batch norms, where it is not the network's; 0: it is
  // How the library prepares images for weights in this layout, where that is one way and not the
  // network's.
  std::optional<Preprocessing> preprocessing = {};
};

// torchvision's of most of its weights: 256 pixels, bilinear, of which 224 are cut out.
inline Preprocessing torchvision_preprocessing() {
  return {.crop_share = 0.875, .interpolation = Interpolation::bilinear};
}

// The network's name for `name`; not set where the rule does not match.
std::optional<std::string> apply_rule(const NameRule& rule, std::string_view name);

struct Rename {
  const char* from;
  const char* to;
};

// Adds a rule for each: `from` and `to` stand before their names.
void add_rules(std::vector<NameRule>& rules, std::span<const Rename> names,
               const std::string& from = "", const std::string& to = "");

// What PyTorch puts into names: data-parallel training, torch.compile(), FSDP and activation
// checkpointing, of a whole network or of single blocks.
inline constexpr std::array<std::string_view, 4> wrapper_words{
    "module", "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module"};

// The rule of a layout that matches a tensor's name, and the network's name for the tensor.
struct RuleTarget {
  const NameRule* rule;  // of the layout, which must outlive it; or that of unchanged names
  std::string name;
};

// Not set where no rule matches. Wrappers within the name do not count: "layer1._orig_mod.0.weight"
// is "layer1.0.weight". One in front is a prefix, and stays.
std::optional<RuleTarget> find_target(const CheckpointLayout& layout, std::string_view name);

// Calls visit(prefix, rest) for every split of a name: "" + "a.b.c", "a." + "b.c", "a.b." + "c".
void for_each_split(const std::string& name, const auto& visit) {
  for (size_t begin = 0; begin != std::string::npos && begin < name.size();) {
    visit(name.substr(0, begin), std::string_view(name).substr(begin));
    const size_t dot = name.find('.', begin);
    begin = dot == std::string::npos ? dot : dot + 1;
  }
}

}  // namespace submask
