#include "backbone/state_dict_choice.h"

#include "base/fail.h"
#include "base/name_list.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

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

std::vector<std::string> notes_of(const BackboneInfo& info, const NetworkLocation& location,
                                  const CheckpointMatch& match, const WeightFile& file) {
  std::vector<std::string> notes;
  if (location.is_average) {
    std::string line = "weights: the moving average " + quoted_name(location.place());
    if (!location.weights_place.empty())
      line += text(", not ", quoted_name(location.weights_place),
                   " beside it (--checkpoint-key chooses)");
    notes.push_back(line);
  }
  if (!location.as_good_places.empty()) {
    NameList places;
    for (const std::string& place : location.as_good_places) places.add(quoted_name(place));
    notes.push_back("weights: those of " + quoted_name(location.place()) + ", not of " +
                    places.joined() + ", which fit as well (--checkpoint-key chooses)");
  }
  if (info.name.ends_with("-cifar") && location.prefix == "backbone." &&
      location.layout.rules.empty())
    notes.push_back(
        "weights: names as in solo-learn, which pads the first convolution by two pixels: " +
        info.name + ".solo does so too");
  if (!match.head_name.empty())
    notes.push_back("weights: the classifier is " + quoted_name(match.head_name));
  if (!file.unusual_calls.empty()) {
    NameList calls;
    for (const std::string& call : file.unusual_calls) calls.add(call);
    notes.push_back("weights: the file asks for calls, none was executed: " + calls.joined());
  }
  return notes;
}

}  // namespace

ChosenStateDict choose_state_dict(const Network& network, const BackboneInfo& info,
                                  const WeightFile& file, const std::string& key) {
  std::vector<const StateDict*> dicts{&file};
  for (const StateDict& other : file.others) dicts.push_back(&other);
  NetworkLocation location = find_network(network, dicts, key);
  if (location.found == 0 && !key.empty())
    fail_argument(
        text("a key of the file below which tensors of ", info.name, " are: ", joined_keys(dicts)),
        quoted_name(key));
  CheckpointMatch match = match_checkpoint(network, info, location);
  std::vector<std::string> notes = notes_of(info, location, match, file);
  return {std::move(location), std::move(match), std::move(notes)};
}

}  // namespace submask
