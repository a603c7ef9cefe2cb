#include "run/run_settings.h"

#include "base/option_error.h"
#include "learn/train_fields.h"
#include "run/opened.h"
#include "run/result_header.h"

namespace submask {

ZeroShotOptions zero_shot_options(const TextSettings& text, const BackboneSettings& backbone) {
  ZeroShotOptions options;
  options.weights =
      weights_path(text.weights.empty() ? backbone.weights : text.weights, backbone.name);
  options.vocabulary = text.vocabulary;
  if (!text.prompts.empty()) options.prompts = read_prompts(text.prompts);
  return options;
}

TrainSettings settings_without_texts(const RunSpec& spec, const BackboneInfo& backbone) {
  const LearnSpec& learn = *spec.learn();
  TrainSettings settings = with_option_in_errors(
      "recipe", [&] { return recipe_settings(learn.recipe, learn.method, backbone); });
  settings.seed = spec.compute.seed;
  settings.device = spec.compute.device;
  settings.later_bytes = provenance_bytes(spec);
  const double recipe_rate = usual_mask_rate(settings, backbone.defaults);
  // In the order of the table, because changes of crops must come after the crops.
  for (const Section<TrainSettings>& section : train_fields())
    for (const Field<TrainSettings>& field : section.fields)
      if (const auto change = learn.changes.find(field.name); change != learn.changes.end())
        with_option_in_errors(field.name, [&] { field.assign(settings, change->second); });
  // Each way to update has rates of its own.
  const double rate = usual_mask_rate(settings, backbone.defaults);
  if (learns_masks(settings.method) && rate != recipe_rate && !learn.changes.contains("rate"))
    settings.update.rate = rate;
  return settings;
}

TrainSettings train_settings(const RunSpec& spec, const BackboneInfo& backbone,
                             const std::vector<std::string>& classes) {
  TrainSettings settings = settings_without_texts(spec, backbone);
  if (settings.head == HeadKind::clip) {
    const ZeroShotOptions zero_shot = zero_shot_options(spec.learn()->text, spec.backbone);
    settings.clip_head = zero_shot_head(backbone, classes, zero_shot);
    settings.prompts = zero_shot.prompts;
  }
  return settings;
}

}  // namespace submask
