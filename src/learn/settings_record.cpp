#include "learn/settings_record.h"

#include "base/hash.h"
#include "base/json_text.h"
#include "base/names.h"
#include "learn/train_fields.h"
#include "weights/tensor_hash.h"

namespace submask {
namespace {

std::string digest_of(const LearnedStart& start) {
  Sha256 hash;
  for (const UnitMask& unit : start.task.units) {
    hash.update(unit.name + "\n");
    hash.update(Bytes(unit.bits));
  }
  hash_tensors(start.task.statistics, hash);
  hash_tensors(start.scores, hash);
  return hash.hex();
}

// The defaults for a record's method, objective and update rules, which decide what other settings
// there are. Objective and rules themselves are those of the program.
nlohmann::json usual_settings(const nlohmann::json& record, const std::string& file) {
  TrainSettings usual;
  usual.method = value_in_file<Method>(record.at("method"), "a method", file);
  nlohmann::json first = nlohmann::json::object();
  const auto choose = [&]<Named E>(const std::string& name, E& value) {
    if (!record.contains(name)) return;
    first[name] = name_of(value);
    value = value_in_file<E>(record.at(name), "a value of " + name, file);
  };
  choose("objective", usual.self_supervised.objective);
  choose("update_rule", usual.update.rule);
  choose("head_update_rule", usual.head_update.rule);
  nlohmann::json settings = record_of(train_fields(), usual);
  settings["precision"] = name_of(Precision::float32);
  settings.update(first);
  return settings;
}

}  // namespace

nlohmann::json settings_record(const TrainSettings& s, const Backbone& backbone) {
  nlohmann::json record = record_of(train_fields(), s);
  record["method"] = name_of(s.method);
  record["seed"] = s.seed;
  record["precision"] = name_of(backbone.precision());
  if (s.head == HeadKind::clip && s.clip_head) {
    const at::Tensor values = s.clip_head->weight.contiguous();
    const Bytes bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes());
    record["clip_head"] = {{"prompts", s.prompts}, {"sha256", sha256_hex(bytes)}};
  }
  if (!s.tuned_rates.empty()) {
    record["tune"] = s.tuned_rates.size();
    record["tuned_rates"] = s.tuned_rates;
  }
  if (s.start)
    record["start"] = {{"sha256", digest_of(*s.start)}, {"scores", !s.start->scores.empty()}};
  return record;
}

nlohmann::json changed_settings(const TrainSettings& settings, const Backbone& backbone) {
  nlohmann::json changed = settings_record(settings, backbone);
  const nlohmann::json usual = usual_settings(changed, "the settings");
  for (const auto& [name, value] : usual.items()) {
    const auto found = changed.find(name);
    if (found == changed.end())
      changed[name] = nullptr;
    else if (*found == value)
      changed.erase(found);
  }
  return changed;
}

nlohmann::json whole_settings(const nlohmann::json& changed, const std::string& file) {
  nlohmann::json record = usual_settings(changed, file);
  record.merge_patch(changed);
  return record;
}

std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone) {
  nlohmann::json record = settings_record(settings, backbone);
  record["data"] = data.train->digest();
  if (data.validation) record["validation"] = data.validation->digest();
  record["backbone"] = {backbone.info().name, backbone.weights_digest()};
  return sha256_hex(as_bytes(json_text(record)));
}

}  // namespace submask
