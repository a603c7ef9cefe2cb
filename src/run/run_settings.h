// The settings that a spec gives for a backbone.
#pragma once

#include <string>
#include <vector>

#include <submask/run.h>

#include "backbone/zero_shot.h"
#include "learn/train_cascade.h"

namespace submask {

// The text transformer comes from the weight file of the backbone, unless `text` names another
// file. Throws as read_prompts().
ZeroShotOptions zero_shot_options(const TextSettings& text, const BackboneSettings& backbone);

// The recipe's settings for this backbone with the changes of `learn`; seed and device come from
// `spec`. `classes` are those of the training set, for HeadKind::clip. Throws invalid_argument for
// an unknown recipe, and as zero_shot_options() and zero_shot_head().
TrainSettings train_settings(const RunSpec& spec, const LearnSpec& learn,
                             const BackboneInfo& backbone, const std::vector<std::string>& classes);

// The same for the dispatcher and the experts of a cascade.
CascadeTraining cascade_training(const RunSpec& spec, const CascadeSpec& cascade,
                                 const BackboneInfo& backbone,
                                 const std::vector<std::string>& classes);

}  // namespace submask
