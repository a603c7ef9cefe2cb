#include "backbone/network_location.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <vector>

#include "base/contains_any.h"

namespace submask {
namespace {

// Where a file holds two networks, the place of the one that is not loaded by timm and by the
// authors' evaluations has one of these words.
constexpr std::array unwanted_words{"student", "encoder_k", "momentum_encoder"};

// "model_ema", "ema.", "state_dict_ema": a word that stands alone or between underscores.
bool names_average(std::string_view place) {
  constexpr std::string_view word = "ema";
  const auto ends_word = [&](size_t i) {
    return i >= place.size() || place[i] == '.' || place[i] == '_';
  };
  for (size_t at = place.find(word); at != std::string_view::npos; at = place.find(word, at + 1))
    if ((at == 0 || ends_word(at - 1)) && ends_word(at + word.size())) return true;
  return false;
}

// Whether a place is at a key or below it: "model.ema" at or below "model".
bool is_below(std::string_view place, std::string_view key) {
  return place.starts_with(key) &&
         (key.empty() || place.size() == key.size() || place[key.size()] == '.');
}

std::string place_of(const StateDict& dict, const std::string& prefix) {
  std::string place = dict.key + (dict.key.empty() ? "" : ".") + prefix;
  if (place.ends_with('.')) place.pop_back();
  return place;
}

struct Candidate {
  const StateDict* dict;
  std::string prefix;
  const CheckpointLayout* layout;
  int64_t found = 0;
  bool is_wanted = false, is_average = false;
  int64_t earliness = 0;  // of its dict in the file

  // Of those with as many names, the wanted one, the average, that of the first dict and the one
  // with the shortest prefix.
  std::tuple<int64_t, bool, bool, int64_t, int64_t> score() const {
    return {found, is_wanted, is_average, earliness, -std::ssize(prefix)};
  }
};

// The names of the network that one layout finds in a dict, by prefix.
std::map<std::string, std::set<std::string>> names_by_prefix(
    const StateDict& dict, const CheckpointLayout& layout,
    const std::set<std::string>& network_names) {
  std::map<std::string, std::set<std::string>> found;
  for (const auto& [name, tensor] : dict.tensors)
    for_each_split(name, [&](const std::string& prefix, std::string_view rest) {
      const auto target = find_target(layout, rest);
      if (target && network_names.contains(target->name)) found[prefix].insert(target->name);
    });
  return found;
}

}  // namespace

std::string NetworkLocation::place() const { return place_of(*dict, prefix); }

std::set<std::string> tensor_names(const Network& network) {
  std::set<std::string> names;
  for (const auto& [name, tensor] : network.own_parameters()) names.insert(name);
  for (const auto& [name, tensor] : network.own_buffers()) names.insert(name);
  return names;
}

NetworkLocation find_network(const Network& network, std::span<const StateDict* const> dicts,
                             const std::string& key) {
  std::vector<CheckpointLayout> layouts{{.name = "its own names", .rules = {}, .ignored = {}}};
  for (CheckpointLayout& layout : network.layouts()) layouts.push_back(std::move(layout));
  const std::set<std::string> network_names = tensor_names(network);
  const Candidate none{dicts.front(), "", &layouts.front()};
  Candidate best = none, trained = none;  // the best of all, and of those that are no average
  std::map<std::string, int64_t> found_at;
  for (size_t i = 0; i < dicts.size(); ++i)
    for (const CheckpointLayout& layout : layouts)
      for (const auto& [prefix, names] : names_by_prefix(*dicts[i], layout, network_names)) {
        const std::string place = place_of(*dicts[i], prefix);
        if (!is_below(place, key)) continue;
        const Candidate candidate{dicts[i],
                                  prefix,
                                  &layout,
                                  std::ssize(names),
                                  !contains_any(place, unwanted_words),
                                  names_average(place),
                                  -static_cast<int64_t>(i)};
        int64_t& most = found_at[place];
        most = std::max(most, candidate.found);
        if (candidate.score() > best.score()) best = candidate;
        if (!candidate.is_average && candidate.score() > trained.score()) trained = candidate;
      }
  const bool has_weights_beside = best.is_average && trained.found == best.found;
  NetworkLocation location{
      best.dict,       best.prefix,
      *best.layout,    best.found,
      best.is_average, has_weights_beside ? place_of(*trained.dict, trained.prefix) : ""};
  for (const auto& [place, found] : found_at)
    if (found > 0 && found == best.found && place != location.place() &&
        place != location.weights_place)
      location.as_good_places.push_back(place);
  return location;
}

}  // namespace submask
