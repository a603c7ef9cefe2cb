// Which activation a CLIP was trained with: QuickGELU by OpenAI, GELU by most others. Its tensors
// do not show it, and with the wrong one features are off by some hundredths, in silence.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>

#include "backbone/activation.h"

namespace submask {

// Of the two towers, as far as a file says it.
struct ClipActivations {
  std::optional<Activation> image, text;
  std::string source;  // what says it: "config.json", "open_clip_config.json"
};

// By transformers' config.json (hidden_act), timm's (its architecture), or open_clip's
// open_clip_config.json (quick_gelu) beside the weights; TorchScript archives are OpenAI's. Throws
// corrupt_file for another activation.
ClipActivations clip_activations(const WeightFile& file, const std::string& weights_path);

// The registered backbone that differs in the activation alone; empty where there is none.
std::string clip_twin(const std::string& backbone);

// Throws corrupt_file, naming the right backbone, where the file says another activation than the
// backbone's. Where it says none, adds a line to `notes` that names both.
void check_clip_activation(const BackboneInfo& info, const WeightFile& file,
                           const std::string& weights_path, std::vector<std::string>& notes);

}  // namespace submask
