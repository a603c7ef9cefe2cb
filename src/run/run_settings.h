// What a spec comes to on a backbone.
#pragma once

#include <string>
#include <vector>

#include <submask/run.h>

#include "backbone/zero_shot.h"

namespace submask {

// The text transformer comes from the backbone's own weight file unless another was named. Throws
// as read_prompts().
ZeroShotOptions zero_shot_options(const TextSettings& text, const BackboneSettings& backbone);

// The recipe's settings for this backbone with the spec's changes. `classes` are the training
// set's, for a clip head.
TrainSettings train_settings(const RunSpec& spec, const BackboneInfo& backbone,
                             const std::vector<std::string>& classes);

}  // namespace submask
