#include "naming/unit_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "base/fail.h"
#include "base/glob.h"
#include "base/parse_number.h"
#include "naming/checkpoint_layout.h"
#include "naming/convnext_names.h"
#include "naming/efficientnet_names.h"
#include "naming/mobilenet_names.h"
#include "naming/resnet_names.h"
#include "naming/vit_layouts.h"

namespace submask {
namespace {

// The first weights of networks: where a layout has one of them, the network is below its prefix.
constexpr std::array stems{"patch_embed.proj.weight", "stem.0.weight", "conv_stem.weight",
                           "conv1.weight", "conv1.0.weight"};

// All layouts but the networks' own names, and those that differ from these in norms alone.
std::vector<CheckpointLayout> foreign_layouts() {
  std::vector<CheckpointLayout> layouts = convnext_layouts();
  for (auto& list : {vit_layouts("norm"), clip_layouts(), efficientnet_lite_layouts(),
                     mobilenet_v3_layouts(), resnet_layouts()})
    layouts.insert(layouts.end(), list.begin(), list.end());
  std::erase_if(layouts, [](const CheckpointLayout& layout) {
    return std::ranges::any_of(layout.rules, [](const NameRule& rule) { return rule.from == "*"; });
  });
  return layouts;
}

bool is_stem(const std::string& name) { return std::ranges::find(stems, name) != stems.end(); }

// The prefixes below which the layout has a stem.
std::set<std::string> stem_prefixes(const CheckpointLayout& layout,
                                    std::span<const NamedShape> tensors) {
  std::set<std::string> prefixes;
  for (const NamedShape& tensor : tensors)
    for_each_split(tensor.name, [&](const std::string& prefix, std::string_view rest) {
      const auto target = find_target(layout, rest);
      if (target && is_stem(target->name)) prefixes.insert(prefix);
    });
  return prefixes;
}

struct Location {
  std::string prefix;
  CheckpointLayout layout{.name = "its own names", .rules = {}, .ignored = {}};
};

// Other networks may have some names like these. A ConvNeXt has a scale at the end of each block,
// and a ResNet has layers.
bool lacks_its_mark(const CheckpointLayout& layout, const std::set<std::string>& named) {
  const auto is_scale = [](std::string_view name) {
    return name.starts_with("stages.") && name.ends_with(".gamma");
  };
  const auto is_of_layer = [](std::string_view name) { return name.starts_with("layer1."); };
  const auto lacks = [&](const auto& is_mark) {
    return std::ranges::any_of(layout.rules,
                               [&](const NameRule& rule) { return is_mark(rule.to); }) &&
           std::ranges::none_of(named, is_mark);
  };
  return lacks(is_scale) || lacks(is_of_layer);
}

// How many of the tensors below the prefix the layout names; 0 where that is less than half of
// those that it does not know to be another network's, or less than a quarter of all: the two
// towers of CLIP are in one file.
int64_t count_named(const CheckpointLayout& layout, const std::string& prefix,
                    std::span<const NamedShape> tensors) {
  int64_t named = 0, unnamed = 0;
  std::set<std::string> names;
  for (const NamedShape& tensor : tensors) {
    if (!tensor.name.starts_with(prefix)) continue;
    const std::string rest = tensor.name.substr(prefix.size());
    if (const auto target = find_target(layout, rest)) {
      ++named;
      names.insert(target->name);
    } else if (!glob_match_any(layout.ignored, rest)) {
      ++unnamed;
    }
  }
  const bool is_network = named > unnamed && 4 * named > std::ssize(tensors);
  return is_network && !lacks_its_mark(layout, names) ? named : 0;
}

// What PyTorch puts before every name of a network that it wraps: "module.", "_orig_mod.module.".
std::string wrapper_prefix(std::span<const NamedShape> tensors) {
  std::string prefix;
  const auto all_begin_with = [&](const std::string& begin) {
    return !tensors.empty() && std::ranges::all_of(tensors, [&](const NamedShape& tensor) {
      return tensor.name.starts_with(begin);
    });
  };
  for (bool longer = true; longer;) {
    longer = false;
    for (const std::string_view word : wrapper_words) {
      const std::string longer_prefix = text(prefix, word, '.');
      if (!all_begin_with(longer_prefix)) continue;
      prefix = longer_prefix;
      longer = true;
    }
  }
  return prefix;
}

Location find_network(std::span<const NamedShape> tensors) {
  Location best;
  // A block may look like another network's stem; the network is then above it.
  const auto own = stem_prefixes(best.layout, tensors);
  const auto shortest = std::ranges::min_element(own, {}, &std::string::size);
  int64_t most = 0;
  for (const CheckpointLayout& layout : foreign_layouts())
    for (const std::string& prefix : stem_prefixes(layout, tensors)) {
      if (shortest != own.end() && shortest->size() < prefix.size()) continue;
      const int64_t named = count_named(layout, prefix, tensors);
      if (named <= most) continue;
      most = named;
      best = {prefix, layout};
    }
  if (most > 0) return best;
  // A network of an unknown architecture may have blocks that begin as others do.
  const bool is_most =
      shortest != own.end() && 2 * std::ranges::count_if(tensors, [&](const NamedShape& tensor) {
                                 return tensor.name.starts_with(*shortest);
                               }) > std::ssize(tensors);
  best.prefix = is_most ? *shortest : wrapper_prefix(tensors);
  return best;
}

// A tensor of the network and the caller's tensors that it is made of, in row blocks.
struct Assembled {
  NamedShape canonical;
  std::vector<size_t> parts;  // indices in the caller's list; those of one part at its place
  bool transposed = false;
};

constexpr size_t no_part = ~size_t{0};

std::vector<Assembled> assemble(const Location& location, std::span<const NamedShape> tensors) {
  std::vector<Assembled> all;
  std::map<std::string, size_t> places;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const NamedShape& tensor = tensors[i];
    if (!tensor.name.starts_with(location.prefix)) continue;
    const auto target =
        find_target(location.layout, std::string_view(tensor.name).substr(location.prefix.size()));
    if (!target) continue;
    const NameRule& rule = *target->rule;
    const auto [place, is_new] = places.emplace(target->name, all.size());
    if (is_new) {
      std::vector<int64_t> shape = tensor.shape;
      const bool transposed = rule.transposed && shape.size() == 2;
      if (transposed) std::swap(shape[0], shape[1]);
      if (!shape.empty()) shape[0] *= rule.parts;
      shape.resize(shape.size() + static_cast<size_t>(rule.trailing_ones), 1);
      all.push_back({{target->name, shape},
                     std::vector<size_t>(static_cast<size_t>(rule.parts), no_part),
                     transposed});
    }
    auto& parts = all[place->second].parts;
    // Parts of other sizes are no row blocks of one tensor.
    const auto given = std::ranges::find_if(parts, [](size_t part) { return part != no_part; });
    if (given != parts.end() && tensors[*given].shape != tensor.shape) continue;
    if (static_cast<size_t>(rule.part) < parts.size()) parts[static_cast<size_t>(rule.part)] = i;
  }
  return all;
}

// The number that a word is, or that stands behind its beginning: 3 of "3" and of "layer3".
std::optional<int64_t> number_in(std::string_view word, std::string_view beginning = "") {
  if (!word.starts_with(beginning)) return std::nullopt;
  return parse_number<int64_t>(word.substr(beginning.size()));
}

// The place of a name's first word among the modules of timm's networks, in which a stem comes
// before blocks, stages and layers, and all else behind.
int64_t module_place(std::string_view word) {
  constexpr std::array stem_modules{"stem", "patch_embed", "conv_stem"};
  constexpr int64_t after_layers = 1000;
  if (std::ranges::find(stem_modules, word) != stem_modules.end() || number_in(word, "conv"))
    return 0;
  if (word == "stages" || word == "blocks") return 1;
  return number_in(word, "layer").value_or(after_layers);
}

// The place of a word within a module; 0 for words that keep the order they come in. MobileNets
// widen by conv_pw before conv_dw where a conv_pwl narrows, and else narrow by conv_pw.
int64_t word_place(std::string_view word, bool has_narrowing) {
  constexpr std::array of_block{"qkv",      "proj",   "fc1",         "fc2",         "conv_dw",
                                "mlp",      "se",     "conv_reduce", "conv_expand", "conv_pw",
                                "conv_pwl", "k_proj", "q_proj",      "v_proj",      "c_proj"};
  if (word == "stages" || word == "blocks" || word == "bias") return 1;
  if (word == "conv_pw" && has_narrowing) return 0;
  const auto found = std::ranges::find(of_block, word);
  return found == of_block.end() ? 0 : found - of_block.begin();
}

// Where a tensor stands in its network: numbers, compared one after the other. `names` are those of
// all its tensors.
std::vector<int64_t> network_place(const std::string& name, const std::set<std::string>& names) {
  std::vector<int64_t> place;
  for (size_t begin = 0; begin < name.size();) {
    const size_t end = std::min(name.find('.', begin), name.size());
    const std::string_view word = std::string_view(name).substr(begin, end - begin);
    if (const auto number = number_in(word))
      place.push_back(*number);
    else if (begin == 0)
      place.push_back(module_place(word));
    else
      place.push_back(word_place(word, names.contains(name.substr(0, begin) + "conv_pwl.weight")));
    begin = end + 1;
  }
  return place;
}

// Sorts the tensors as timm's network has them, where a library of another layout may keep its
// modules in another order, and a file has its tensors by name. An unknown network is left as it
// comes.
void sort_by_network(const CheckpointLayout& layout, std::vector<Assembled>& network) {
  std::set<std::string> names;
  for (const Assembled& tensor : network) names.insert(tensor.canonical.name);
  const auto name_of = [](const Assembled& tensor) { return tensor.canonical.name; };
  const bool by_name =
      std::ranges::any_of(names, is_stem) && std::ranges::is_sorted(network, {}, name_of);
  if (layout.rules.empty() && !by_name) return;
  std::ranges::stable_sort(network, {}, [&](const Assembled& tensor) {
    return network_place(tensor.canonical.name, names);
  });
}

// A classifier's name in timm, torchvision and the CIFAR ResNets.
bool is_classifier(std::string_view name) {
  constexpr std::array classifiers{"fc.",   "classifier.", "linear.",
                                   "head.", "heads.",      "head_dist."};
  return std::ranges::any_of(classifiers,
                             [&](const char* module) { return name.starts_with(module); });
}

bool is_statistic(std::string_view name) {
  return name.ends_with(".running_mean") || name.ends_with(".running_var");
}

std::optional<NamedUnit> unit_of_caller(const MaskUnit& unit, const Assembled& tensor,
                                        std::span<const NamedShape> tensors) {
  const int64_t rows = tensor.canonical.shape[0] / std::ssize(tensor.parts);
  const size_t part = rows == 0 ? 0 : static_cast<size_t>(unit.row_begin / rows);
  if (part >= tensor.parts.size() || tensor.parts[part] == no_part) return std::nullopt;
  NamedUnit named{tensor.parts[part], tensor.transposed, unit};
  named.unit.parameter = tensors[named.tensor].name;
  const int64_t first = static_cast<int64_t>(part) * rows;
  named.unit.row_begin -= first;
  named.unit.row_end -= first;
  return named;
}

}  // namespace

UnitNames unit_names(std::span<const NamedShape> tensors) {
  const Location location = find_network(tensors);
  std::vector<Assembled> network = assemble(location, tensors);
  sort_by_network(location.layout, network);
  std::vector<NamedShape> canonical;
  std::map<std::string, const Assembled*> by_name;
  for (const Assembled& tensor : network) {
    if (is_classifier(tensor.canonical.name)) continue;
    canonical.push_back(tensor.canonical);
    by_name[tensor.canonical.name] = &tensor;
  }
  UnitNames names{location.layout.name, location.prefix, {}, 0, {}};
  for (const Assembled& tensor : network)
    if (is_statistic(tensor.canonical.name) && tensor.parts.size() == 1 &&
        tensor.canonical.shape.size() == 1)
      names.statistics.push_back({tensor.parts.front(), tensor.canonical.name});
  for (const MaskUnit& unit : mask_units(canonical))
    if (auto named = unit_of_caller(unit, *by_name.at(unit.parameter), tensors))
      names.units.push_back(std::move(*named));
  std::set<size_t> used;
  for (const NamedUnit& unit : names.units) used.insert(unit.tensor);
  for (size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].shape.size() >= 2 && !used.contains(i)) ++names.left_out;
  return names;
}

}  // namespace submask
