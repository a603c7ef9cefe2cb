#include "backbone/checkpoint_match.h"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include <ATen/ops/cat.h>

#include "base/fail.h"
#include "base/glob.h"
#include "base/name_list.h"

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

// "model_ema", "ema.", "state_dict_ema": a word that stands alone or between underscores.
bool names_average(std::string_view path) {
  constexpr std::string_view word = "ema";
  const auto ends_word = [&](size_t place) {
    return place >= path.size() || path[place] == '.' || path[place] == '_';
  };
  for (size_t at = path.find(word); at != std::string_view::npos; at = path.find(word, at + 1))
    if ((at == 0 || ends_word(at - 1)) && ends_word(at + word.size())) return true;
  return false;
}

// Whether a path is at a key or below it: "model.ema" at or below "model".
bool is_below(std::string_view path, std::string_view key) {
  return path.starts_with(key) &&
         (key.empty() || path.size() == key.size() || path[key.size()] == '.');
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
  int64_t found = 0;
  bool is_wanted = false;
  bool is_average = false;

  // Of those with as many names, the wanted one, the average and the shortest prefix.
  std::tuple<int64_t, bool, bool, int64_t> score() const {
    return {found, is_wanted, is_average, -static_cast<int64_t>(prefix.size())};
  }
};

struct Locations {
  Location best;
  Location trained;  // the best that is no average
};

Locations find_network(const std::vector<CheckpointLayout>& layouts,
                       const std::set<std::string>& network_names, const TensorMap& tensors,
                       const std::string& key) {
  Locations locations{{"", &layouts.front()}, {"", &layouts.front()}};
  for (const CheckpointLayout& layout : layouts) {
    std::map<std::string, std::set<std::string>> found;  // by prefix
    for (const auto& [name, tensor] : tensors)
      for_each_split(name, [&](const std::string& prefix, std::string_view rest) {
        if (!is_below(prefix, key)) return;
        const auto target = find_target(layout, rest);
        if (target && network_names.contains(target->name)) found[prefix].insert(target->name);
      });
    for (const auto& [prefix, names] : found) {
      const Location location{prefix, &layout, std::ssize(names),
                              !contains_any(prefix, unwanted_words), names_average(prefix)};
      for (Location* best : {&locations.best, &locations.trained}) {
        if (best == &locations.trained && location.is_average) continue;
        if (location.score() > best->score()) *best = location;
      }
    }
  }
  return locations;
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

// Takes a linear layer of the network's feature width for its classifier, where it is the only one
// that is left, stands beside the network's first modules and has a name that classifiers have.
void take_other_head(const BackboneInfo& info, const TensorMap& tensors, CheckpointMatch& match) {
  constexpr std::array names{"fc", "classifier", "head", "linear", "last_linear", "heads.head"};
  const auto is_left = [&](const std::string& name) {
    return std::ranges::find(match.unexpected, name) != match.unexpected.end();
  };
  std::vector<std::string> found;
  for (const char* name : names) {
    const std::string weight = match.prefix + name + ".weight";
    if (!is_left(weight)) continue;
    const at::Tensor& matrix = tensors.at(weight);
    if (matrix.dim() == 2 && matrix.size(1) == info.feature_width)
      found.push_back(match.prefix + name);
  }
  if (found.size() != 1) return;
  match.head_name = found.front();
  for (const char* part : {"weight", "bias"}) {
    const std::string name = text(match.head_name, ".", part);
    if (is_left(name)) match.head[part] = tensors.at(name);
    std::erase(match.unexpected, name);
  }
}

// "state_dict, state_dict_ema": where tensors are in a file.
std::string joined_keys(const std::vector<const StateDict*>& dicts) {
  NameList keys;
  for (const StateDict* dict : dicts)
    if (!dict->key.empty()) keys.add(dict->key);
  if (keys.count() > 0) return keys.joined();
  std::set<std::string> first_words;
  for (const auto& [name, tensor] : dicts.front()->tensors)
    first_words.insert(name.substr(0, name.find('.')));
  for (const std::string& word : first_words) keys.add(word);
  return keys.joined();
}

// The keys and the prefix that lead to the network, without the last dot.
std::string place_of(const StateDict& dict, const std::string& prefix) {
  std::string place = text(dict.key, dict.key.empty() ? "" : ".", prefix);
  if (place.ends_with('.')) place.pop_back();
  return place;
}

}  // namespace

CheckpointMatch match_checkpoint(const Network& network, const BackboneInfo& info,
                                 const StateDict& dict, const std::string& key) {
  std::vector<CheckpointLayout> layouts{{.name = "its own names", .rules = {}, .ignored = {}}};
  for (CheckpointLayout& layout : network.layouts()) layouts.push_back(std::move(layout));
  const std::set<std::string> network_names = tensor_names(network);
  const auto [location, trained] = find_network(layouts, network_names, dict.tensors, key);

  CheckpointMatch match;
  match.prefix = location.prefix;
  match.layout = location.layout->name;
  match.found = location.found;
  match.is_average = location.is_average;
  if (location.is_average && trained.found == location.found) match.instead_of = trained.prefix;
  const bool contrastive = contains_any(location.prefix, contrastive_words);
  std::set<std::string> taken;
  Assembly assembly;
  for (const auto& [name, tensor] : dict.tensors) {
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
  for (const auto& [name, kind] : dict.unread) {
    if (!name.starts_with(location.prefix)) continue;
    const auto target = find_target(*location.layout, name.substr(location.prefix.size()));
    if (target && network_names.contains(target->name)) match.unread[target->name] = kind;
  }
  if (match.head.empty() && !contrastive) take_other_head(info, dict.tensors, match);
  return match;
}

ChosenStateDict choose_state_dict(const Network& network, const BackboneInfo& info,
                                  const WeightFile& file, const std::string& key) {
  std::vector<const StateDict*> dicts{&file};
  for (const StateDict& other : file.others) dicts.push_back(&other);
  std::vector<ChosenStateDict> found;
  for (const StateDict* dict : dicts) {
    const bool is_whole = is_below(dict->key, key);
    if (!is_whole && !is_below(key, dict->key)) continue;
    const size_t below = dict->key.empty() ? 0 : dict->key.size() + 1;
    CheckpointMatch match =
        match_checkpoint(network, info, *dict, is_whole ? "" : key.substr(below));
    if (key.empty() || match.found > 0) found.push_back({dict, std::move(match), {}});
  }
  if (found.empty())
    fail_argument(
        text("a key of the file below which tensors of ", info.name, " are: ", joined_keys(dicts)),
        quoted_name(key));
  const auto is_average = [](const ChosenStateDict& chosen) {
    return chosen.match.is_average || names_average(chosen.dict->key);
  };
  const auto score = [&](const ChosenStateDict& chosen) {
    return std::tuple(chosen.match.found,
                      !contains_any(chosen.dict->key + "." + chosen.match.prefix, unwanted_words),
                      is_average(chosen));
  };
  ChosenStateDict best = *std::ranges::max_element(found, {}, score);
  if (is_average(best)) {
    std::string other;
    if (!best.match.instead_of.empty()) other = place_of(*best.dict, best.match.instead_of);
    std::erase_if(found, is_average);
    const auto trained = std::ranges::max_element(found, {}, score);
    if (trained != found.end() && trained->match.found == best.match.found)
      other = place_of(*trained->dict, trained->match.prefix);
    const std::string beside =
        other.empty() ? ""
                      : text(", not ", quoted_name(other), " beside it (--checkpoint-key chooses)");
    best.notes.push_back(text("weights: the moving average ",
                              quoted_name(place_of(*best.dict, best.match.prefix)), beside));
  }
  if (!best.match.head_name.empty())
    best.notes.push_back("weights: the classifier is " + quoted_name(best.match.head_name));
  if (!file.unusual_calls.empty()) {
    NameList calls;
    for (const std::string& call : file.unusual_calls) calls.add(call);
    best.notes.push_back("weights: the file asks for calls, none was executed: " + calls.joined());
  }
  return best;
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
