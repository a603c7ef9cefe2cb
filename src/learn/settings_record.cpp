#include "learn/settings_record.h"

#include "base/fail.h"
#include "base/hash.h"
#include "learn/objective_registry.h"

namespace submask {
namespace {

void add(const TensorMap& tensors, Sha256& hash) {
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor values = tensor.contiguous();
    hash.update(name + "\n");
    hash.update(Bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes()));
  }
}

std::string digest(const LearnedStart& start) {
  Sha256 hash;
  for (const UnitMask& unit : start.task.units) {
    hash.update(unit.name + "\n");
    hash.update(Bytes(unit.bits));
  }
  add(start.task.statistics, hash);
  add(start.scores, hash);
  return hash.hex();
}

}  // namespace

nlohmann::json settings_record(const TrainSettings& s, const Backbone& backbone) {
  nlohmann::json record = {
      {"method", s.method},
      {"epochs", s.epochs},
      {"batch_size", s.batch_size},
      {"seed", s.seed},
      {"precision", backbone.precision()},
      {"update_rule", s.update_rule},
      {"rate", s.rate},
      {"head_rate", s.head_rate},
      {"momentum", s.momentum},
      {"nesterov", s.nesterov},
      {"weight_decay", s.weight_decay},
      {"head_weight_decay", s.head_weight_decay},
      {"warmup_epochs", s.warmup_epochs},
      {"schedule", s.schedule},
      {"head", s.head},
      {"batch_norm", s.batch_norm},
      {"accumulate", s.accumulate},
      {"label_smoothing", s.label_smoothing},
      {"class_weights", s.class_weights},
      {"input_size", s.input_size},
      {"crop_share", s.crop_share},
      {"interpolation", s.interpolation},
      {"fast_decode", s.fast_decode},
      {"skip_bad_images", s.skip_bad_images},
      {"patience", s.patience},
      {"validate_every", s.validate_every},
  };
  for (const CropRecipe& crop : s.crops) record["crops"].push_back(crop_text(crop));
  if (s.head == "clip") {
    if (!s.clip_head) fail_argument("a clip head", "none");
    const at::Tensor values = s.clip_head->weight.contiguous();
    const Bytes bytes(static_cast<const uint8_t*>(values.const_data_ptr()), values.nbytes());
    record["clip_head"] = {{"prompts", s.prompts}, {"sha256", sha256_hex(bytes)}};
  }
  if (learns_without_labels(s.method)) {
    record["objective"] = s.objective;
    record[s.objective] = objective_entry(s.objective).record(s);
  }
  if (s.method == "lp") record["probe_l2"] = s.probe_l2;
  if (s.method != "fs" && s.method != "ssl-fs") return record;
  record["criterion"] = {{"kind", criterion_name(s.criterion.kind)},
                         {"mu", s.criterion.mu},
                         {"keep_share", s.criterion.keep_share},
                         {"scale", s.criterion.scale}};
  if (s.criterion_schedule.enabled)
    record["criterion"]["schedule"] = {s.criterion_schedule.from, s.criterion_schedule.to};
  record["score_start"] = {
      {"kind", s.score_start.kind}, {"mean", s.score_start.mean}, {"std", s.score_start.std}};
  record["selection"] = {{"only", s.selection.only},
                         {"exclude", s.selection.exclude},
                         {"stages", s.selection.stages},
                         {"random_share", s.selection.random_share},
                         {"largest_share", s.selection.largest_share}};
  record["from_task"] = s.from_task;
  if (s.start)
    record["start"] = {{"sha256", digest(*s.start)}, {"scores", !s.start->scores.empty()}};
  return record;
}

std::string settings_text(const TrainSettings& settings, const Backbone& backbone) {
  return settings_record(settings, backbone).dump();
}

std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone) {
  nlohmann::json record = settings_record(settings, backbone);
  record["data"] = data.train->digest();
  if (data.validation) record["validation"] = data.validation->digest();
  record["backbone"] = {backbone.info().name, backbone.identity()};
  return sha256_hex(as_bytes(record.dump()));
}

}  // namespace submask
