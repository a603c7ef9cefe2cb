#include "cli/option/input_options.h"

#include "cli/option/field_options.h"
#include "data/batch/input_fields.h"
#include "data/set/data_fields.h"
#include "run/opened.h"
#include "run/run_fields.h"

namespace submask::cli {

void NetworkOptions::add_to(CLI::App& command) {
  SharedOptions::add_to(command);
  add_field_options(command, backbone_fields(), backbone);
}

std::unique_ptr<Backbone> NetworkOptions::load_backbone(const std::string& task_backbone) const {
  apply(compute);
  auto loaded = submask::load_backbone(backbone, compute, task_backbone);
  for (const std::string& line : loaded->checkpoint().notes) note(*this, line);
  return loaded;
}

void add_labels_option(CLI::App& command, DataOptions& data) {
  add_field_options(command, chosen_fields(data_fields(), {"labels"}), data);
}

void add_decode_options(CLI::App& command, DataOptions& data) {
  add_field_options(command, chosen_fields(data_fields(), {"pixel-limit", "exif", "strict-images"}),
                    data);
}

DataSplits InputOptions::open(const SharedOptions& shared) const {
  DataSplits opened = open_data(data, shared.compute);
  RunHooks hooks;
  hooks.note = [&](const std::string& line) { note(shared, line); };
  tell_choices(opened, hooks);
  return opened;
}

void InputOptions::add_to(CLI::App& command, bool required) {
  add_field_options(command, data_fields(), data);
  if (required) command.get_option("--data")->required();
  const RunSpec default_spec;
  const Field<RunSpec>* cache = find_field(run_fields(RunKind::measure), "feature-cache");
  add_field_option(command, data_fields().title, *cache, cache->words(default_spec),
                   [this](const Words& words) { feature_cache = words.back(); });
  add_field_options(command, input_fields(), input);
}

MeasurementOptions InputOptions::measurement(const Preprocessing& preprocessing,
                                             MeasurementHooks hooks) const {
  return {.preprocessing = preprocessing,
          .input = input,
          .feature_cache = feature_cache,
          .hooks = std::move(hooks)};
}

}  // namespace submask::cli
