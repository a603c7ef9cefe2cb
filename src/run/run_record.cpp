#include "run/run_record.h"

#include "base/content_digest.h"
#include "base/names.h"
#include "base/shell_words.h"
#include "learn/settings_record.h"
#include "run/run_fields.h"
#include "run/run_settings.h"

namespace submask {
namespace {

nlohmann::json digests(const DataSplits& data) {
  nlohmann::json record = {{"train", data.train->digest()}, {"test", data.test->digest()}};
  if (data.validation) record["validation"] = data.validation->digest();
  return record;
}

// The resolved settings of a run that learns. They are recorded instead of the options, because two
// recipes with different changes can give the same settings.
TrainSettings resolved_settings(const RunSpec& spec, const Backbone& backbone,
                                const DataSplits& data) {
  return train_settings(spec, backbone.info(), data.train->class_names());
}

}  // namespace

nlohmann::json run_record(const RunSpec& spec, const std::string& after, Opened& opened) {
  const RunKind kind = kind_of(spec);
  nlohmann::json record = record_of(run_fields(kind), spec, {Effect::result, Effect::files});
  record["command"] = name_of(kind);
  const RunData data = open_run_data(spec, opened);
  record["images"] = {digests(data.learned), digests(data.measured)};
  const Backbone& backbone = opened.backbone(spec.backbone, spec.compute);
  record["weights"] = {backbone.info().name, backbone.weights_digest()};
  if (const auto* measure = std::get_if<MeasureSpec>(&spec.work)) {
    record["after"] = after;
    if (measures_by(*measure, MeasureMethod::zs))
      record["text_weights"] =
          content_record(zero_shot_options(measure->text, spec.backbone).weights);
  } else {
    const TrainSettings settings = resolved_settings(spec, backbone, data.learned);
    record["settings"] = settings_record(settings, backbone);
    if (kind == RunKind::cascade && settings.probe_l2) record["probe_l2"] = *settings.probe_l2;
  }
  return record;
}

std::string command_line(const RunSpec& spec) {
  const RunKind kind = kind_of(spec);
  std::string line = name_of(kind);
  for (const std::string& argument : arguments_of(run_fields(kind), spec, new_spec(kind)))
    line += " " + shell_word(argument);
  return line;
}

}  // namespace submask
