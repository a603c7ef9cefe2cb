// Reads the configuration files that Hugging Face's repositories have beside weights.
#pragma once

#include <string>

#include <submask/backbone.h>

namespace submask {

// Sets info.preprocessing from timm's config.json (the fields input_size, mean, std, interpolation
// and crop_pct of its pretrained_cfg), or else from preprocessor_config.json of transformers
// (image_mean, image_std, resample, size, crop_size, crop_pct), or else from open_clip_config.json
// (the fields mean, std, interpolation and resize_mode of its preprocess_cfg). Fields that are
// missing there stay as they are. A resize that changes an image's aspect ratio becomes one that
// keeps it, followed by the crop, because submask has no other. Throws corrupt_file, which names
// the configuration of `weights_path`, for a file that is no JSON object, a value of another form,
// an interpolation other than bicubic and bilinear, an input that is no square of three colours, or
// the architecture of another registered backbone.
void apply_config(BackboneInfo& info, const WeightFile& file, const std::string& weights_path);

}  // namespace submask
