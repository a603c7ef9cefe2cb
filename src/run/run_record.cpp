#include "run/run_record.h"

#include "base/content_digest.h"
#include "base/names.h"
#include "base/shell_words.h"
#include "learn/settings_record.h"
#include "run/run_check.h"
#include "run/run_fields.h"
#include "run/run_settings.h"

namespace submask {
namespace {

nlohmann::json digests(const DataSplits& data) {
  nlohmann::json record = {{"train", data.train->digest()}, {"test", data.test->digest()}};
  if (data.validation) record["validation"] = data.validation->digest();
  return record;
}

// The texts that a run makes a head of; null where it makes none.
const TextSettings* text_of(const RunSpec& spec) {
  if (const auto* measure = std::get_if<MeasureSpec>(&spec.work))
    return measures_by(*measure, MeasureMethod::zs) ? &measure->text : nullptr;
  const auto* learn = std::get_if<LearnSpec>(&spec.work);
  return learn != nullptr && has_clip_head(*learn) ? &learn->text : nullptr;
}

}  // namespace

nlohmann::json options_record(const RunSpec& spec, const std::vector<Effect>& effects) {
  nlohmann::json record = record_of(run_fields(kind_of(spec)), spec, effects);
  if (const TextSettings* text = text_of(spec))
    record["text_weights"] = content_record(zero_shot_options(*text, spec.backbone).weights);
  return record;
}

nlohmann::json run_record(const RunSpec& spec, const std::string& after, Opened& opened) {
  const RunKind kind = kind_of(spec);
  nlohmann::json record = options_record(spec, {Effect::result, Effect::files});
  record["command"] = name_of(kind);
  const CheckedRun run = check_run(spec, opened);
  record["images"] = {digests(run.data.learned), digests(run.data.measured)};
  record["weights"] = {run.backbone.info().name, run.backbone.weights_digest()};
  if (kind == RunKind::measure) {
    record["after"] = after;
  } else {
    // The resolved settings and not the options, because two recipes with different changes can
    // give the same settings. The files that a clip head is made from stand for it: its values
    // round with the number of threads.
    record["settings"] = settings_record(run.settings, run.backbone);
    if (kind == RunKind::cascade && run.settings.probe_l2)
      record["probe_l2"] = *run.settings.probe_l2;
  }
  return record;
}

void check_texts(const RunSpec& spec, Opened& opened) {
  const auto* learn = std::get_if<LearnSpec>(&spec.work);
  if (learn == nullptr || !has_clip_head(*learn)) return;
  const RunData data = open_run_data(spec, opened);
  const Backbone& backbone = opened.backbone(spec.backbone, spec.compute);
  train_settings(spec, backbone.info(), data.learned.train->class_names());
}

std::string command_line(const RunSpec& spec) {
  const RunKind kind = kind_of(spec);
  std::string line = name_of(kind);
  for (const std::string& argument : arguments_of(run_fields(kind), spec, new_spec(kind)))
    line += " " + shell_word(argument);
  return line;
}

}  // namespace submask
