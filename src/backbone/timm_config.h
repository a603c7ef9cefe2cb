// The configuration files that Hugging Face's repositories keep beside weights.
#pragma once

#include <string>

#include <submask/backbone.h>

namespace submask {

// How the file's weights want images, into info.preprocessing: timm's config.json (the input_size,
// mean, std, interpolation and crop_pct of its pretrained_cfg), else transformers'
// preprocessor_config.json (image_mean, image_std, resample, size, crop_size, crop_pct). What they
// do not name stays as it is. A resize that squashes an image becomes one that keeps its shape,
// followed by the crop: submask has no other. Throws corrupt_file, naming the configuration beside
// `weights_path`: no JSON object, a value of another form, an interpolation other than bicubic and
// bilinear, an input that is no square of three colours, the architecture of another registered
// backbone.
void apply_config(BackboneInfo& info, const WeightFile& file, const std::string& weights_path);

}  // namespace submask
