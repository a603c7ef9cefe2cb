#include "backbone/preprocessing_config.h"

#include <cmath>

#include "base/contains_any.h"
#include "base/names.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr double mean_bound = -1e3, std_bound = 0;  // means and deviations are above these

void read_colours(const ConfigFields& config, const char* mean_key, const char* std_key,
                  Preprocessing& steps) {
  config.visit(mean_key, [&](const json& value, const char* key) {
    steps.mean = config.colours(value, key, mean_bound);
  });
  config.visit(std_key, [&](const json& value, const char* key) {
    steps.std = config.colours(value, key, std_bound);
  });
}

void read_interpolation(const ConfigFields& config, Preprocessing& steps) {
  config.visit("interpolation", [&](const json& value, const char* key) {
    const auto known = find_value<Interpolation>(config.word(key));
    if (!known) config.refuse(key, "bicubic or bilinear", value);
    steps.interpolation = *known;
  });
}

// One of the words, or a refusal.
template <typename Value, size_t count>
void read_choice(const ConfigFields& config, const char* field,
                 const std::array<std::pair<const char*, Value>, count>& choices, Value& chosen) {
  config.visit(field, [&](const json& value, const char* key) {
    std::string known;
    for (const auto& [word, choice] : choices) {
      if (value == word) {
        chosen = choice;
        return;
      }
      known += (known.empty() ? "" : ", ") + std::string(word);
    }
    config.refuse(key, "one of " + known, value);
  });
}

// The crop_share for which a resize to input_size / crop_share, rounded down, gives `resized`.
double crop_share_of(int64_t input_size, int64_t resized) {
  double share = static_cast<double>(input_size) / static_cast<double>(resized);
  while (std::floor(static_cast<double>(input_size) / share) < static_cast<double>(resized))
    share = std::nextafter(share, 0.0);
  return share;
}

// What `size` of an image processor asks for: a square, or a length of the shorter side.
struct WantedSize {
  int64_t pixels = 0;
  bool is_square = false;
};

int64_t square_side(const ConfigFields& config, const json& value, const char* key) {
  if (!value.is_object()) return config.pixels(value, key);
  if (value.contains("shortest_edge") && !value.contains("longest_edge"))
    return config.pixels(value["shortest_edge"], key);
  if (!value.contains("height") || !value.contains("width") ||
      config.pixels(value["height"], key) != config.pixels(value["width"], key))
    config.refuse(key, "a square", value);
  return config.pixels(value["height"], key);
}

// A bare number is a square for some processors, and the shorter side for others.
WantedSize wanted_size(const ConfigFields& config, const json& value, const char* key,
                       bool number_is_square) {
  const bool is_square = value.is_object() ? value.contains("height") : number_is_square;
  return {square_side(config, value, key), is_square};
}

// The resize and the crop. transformers cuts out the centre with halves rounded down.
void read_transformers_geometry(const ConfigFields& config, Preprocessing& steps) {
  const std::string type =
      config.word("image_processor_type", config.word("feature_extractor_type"));
  const bool is_convnext = type.starts_with("ConvNext"), crops_by_share = config.has("crop_pct");
  const bool crops = config.flag("do_center_crop", config.has("crop_size"));
  const bool resizes = config.flag("do_resize", true);
  const bool number_is_square =
      type.empty() ? !crops && !crops_by_share
                   : !is_convnext && !contains_any(type, std::array{"CLIP", "Bit"});
  std::optional<int64_t> crop;
  if (crops)
    config.visit("crop_size", [&](const json& value, const char* key) {
      crop = square_side(config, value, key);
    });
  if (!resizes) {
    if (!crop) config.refuse("do_resize", "true, or a centre crop", false);
    steps.resize = ResizeMode::none;
    steps.input_size = *crop;
    steps.crop_share = 1;
    steps.crop_offset = CropOffset::down;
    return;
  }
  config.visit("size", [&](const json& value, const char* key) {
    const WantedSize size = wanted_size(config, value, key, number_is_square);
    constexpr int64_t smallest_warped = 384;  // ConvNextImageProcessor's
    steps.crop_offset = CropOffset::down;
    steps.input_size = crop.value_or(size.pixels);
    steps.resize = size.is_square ? ResizeMode::squash : ResizeMode::shortest;
    if (steps.input_size > size.pixels)
      config.refuse("crop_size", "a crop inside size", steps.input_size);
    if (crop) {
      steps.crop_share = crop_share_of(*crop, size.pixels);
    } else if (size.is_square) {
      steps.crop_share = 1;
    } else if ((is_convnext || crops_by_share) && size.pixels >= smallest_warped) {
      steps.resize = ResizeMode::squash;
      steps.crop_share = 1;
    } else if (is_convnext || crops_by_share) {
      steps.crop_share = 224.0 / 256;
      config.visit("crop_pct", [&](const json& share, const char* share_key) {
        steps.crop_share = config.share(share, share_key);
      });
    } else {
      config.refuse("size", "a square, or a centre crop of the shorter side", value);
    }
  });
}

// x * factor, less the mean, over the deviation, as one step on x / 255.
void read_transformers_values(const ConfigFields& config, Preprocessing& steps) {
  if (config.flag("do_normalize", true)) {
    read_colours(config, "image_mean", "image_std", steps);
  } else {
    steps.mean = {0, 0, 0};
    steps.std = {1, 1, 1};
  }
  const double usual = 1.0 / 255;
  const double factor =
      config.flag("do_rescale", true) ? config.positive("rescale_factor", usual) : 1;
  const double scale = factor / usual;
  if (std::fabs(scale - 1) < 1e-9) return;
  for (double& value : steps.mean) value /= scale;
  for (double& value : steps.std) value /= scale;
}

}  // namespace

void read_timm_preprocessing(const ConfigFields& config, Preprocessing& steps) {
  config.visit("input_size", [&](const json& value, const char* key) {
    if (!value.is_array() || value.size() != 3 || value[0] != 3 ||
        config.pixels(value[1], key) != config.pixels(value[2], key))
      config.refuse(key, "[3, size, size]", value);
    steps.input_size = value[1].get<int64_t>();
  });
  read_colours(config, "mean", "std", steps);
  config.visit("crop_pct", [&](const json& value, const char* key) {
    steps.crop_share = config.share(value, key);
  });
  read_interpolation(config, steps);
  read_choice(
      config, "crop_mode",
      std::array{std::pair("center", ResizeMode::shortest), std::pair("squash", ResizeMode::squash),
                 std::pair("border", ResizeMode::border)},
      steps.resize);
  if (steps.resize == ResizeMode::border)
    for (size_t channel = 0; channel < 3; ++channel)
      steps.fill[channel] =
          static_cast<int>(std::nearbyint(255 * std::clamp(steps.mean[channel], 0.0, 1.0)));
  config.visit("crop_border_pixels", [&](const json& value, const char* key) {
    if (value != 0) config.refuse(key, "no border to cut off", value);
  });
}

void read_transformers_preprocessing(const ConfigFields& config, Preprocessing& steps) {
  const std::string type =
      config.word("image_processor_type", config.word("feature_extractor_type"));
  for (const char* other : {"EfficientNet", "Levit", "PoolFormer"})
    if (type.starts_with(other))
      config.refuse("image_processor_type", "a processor whose steps are known", type);
  for (const char* step :
       {"do_flip_channel_order", "do_pad", "do_thumbnail", "do_align_long_axis", "rescale_offset"})
    if (config.flag(step, false)) config.refuse(step, "false", true);
  config.visit("resample", [&](const json& value, const char* key) {
    constexpr int bilinear = 2, bicubic = 3;  // Pillow's numbers
    if (value != bilinear && value != bicubic) config.refuse(key, "2 or 3", value);
    steps.interpolation = value == bicubic ? Interpolation::bicubic : Interpolation::bilinear;
  });
  read_transformers_values(config, steps);
  read_transformers_geometry(config, steps);
}

void read_open_clip_preprocessing(const ConfigFields& config, Preprocessing& steps) {
  if (const std::string mode = config.word("mode", "RGB"); mode != "RGB")
    config.refuse("mode", "RGB", mode);
  config.visit("size", [&](const json& value, const char* key) {
    if (value.is_array() && (value.size() != 2 || value[0] != value[1]))
      config.refuse(key, "a square", value);
    steps.input_size = config.pixels(value.is_array() ? value[0] : value, key);
  });
  read_colours(config, "mean", "std", steps);
  read_interpolation(config, steps);
  read_choice(
      config, "resize_mode",
      std::array{std::pair("shortest", ResizeMode::shortest),
                 std::pair("squash", ResizeMode::squash), std::pair("longest", ResizeMode::border)},
      steps.resize);
  config.visit("fill_color", [&](const json& value, const char* key) {
    if (!value.is_number_integer() || value < 0 || value > 255)
      config.refuse(key, "0 to 255", value);
    steps.fill.fill(value.get<int>());
  });
}

}  // namespace submask
