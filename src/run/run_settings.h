// The settings that a spec gives for a backbone.
#pragma once

#include <string>
#include <vector>

#include <submask/run.h>

#include "zero_shot/zero_shot.h"

namespace submask {

// The text transformer comes from the weight file of the backbone, unless `text` names another
// file. Throws as read_prompts().
ZeroShotOptions zero_shot_options(const TextSettings& text, const BackboneSettings& backbone);

// The recipe's settings for this backbone with the changes of `spec`, one of a run that learns, but
// without the clip head, which takes long to make. Throws invalid_argument for an unknown recipe.
TrainSettings settings_without_texts(const RunSpec& spec, const BackboneInfo& backbone);

// Returns the recipe's settings for this backbone with the changes of `spec`. The run must learn.
// `classes` are those of the training set, for HeadKind::clip. Throws invalid_argument for an
// unknown recipe, and as zero_shot_options() and zero_shot_head().
TrainSettings train_settings(const RunSpec& spec, const BackboneInfo& backbone,
                             const std::vector<std::string>& classes);

}  // namespace submask
