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

nlohmann::json usual_settings(Method method) {
  TrainSettings usual;
  usual.method = method;
  nlohmann::json record = record_of(train_fields(), usual);
  record["precision"] = name_of(Precision::float32);
  return record;
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
  const nlohmann::json usual = usual_settings(settings.method);
  nlohmann::json changed = settings_record(settings, backbone);
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
  nlohmann::json record =
      usual_settings(value_in_file<Method>(changed.at("method"), "a method", file));
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
