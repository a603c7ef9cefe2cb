// Reads the configuration files that Hugging Face's repositories have beside weights.
#pragma once

#include <string>

#include <submask/backbone.h>

namespace submask {

// Sets info.preprocessing from timm's config.json, or else from preprocessor_config.json of
// transformers, or else from open_clip_config.json (preprocessing_config.h). Fields that are
// missing there stay as they are. Throws corrupt_file, which names the configuration of
// `weights_path`, for a file that is no JSON object, a value of another form, a step that this
// library does not have (an interpolation other than bicubic and bilinear, an input that is no
// square of three colours), or the architecture of another registered backbone.
// A network that differs from the backbone in what no tensor shows (its activation, its pooling) is
// refused by the field that says so. Returns what is worth a line: an architecture that is not
// known, whose tensors may fit all the same; "": nothing.
std::string apply_config(BackboneInfo& info, const WeightFile& file,
                         const std::string& weights_path);

}  // namespace submask
