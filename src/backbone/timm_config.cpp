#include "backbone/timm_config.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "backbone/clip_activation.h"
#include "base/fail.h"
#include "base/names.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

using nlohmann::json;

// A JSON object whose fields may be missing. A field of another form than asked for is refused.
class Config {
 public:
  Config(const json& object, const std::string& file) : object_(object), file_(file) {}

  // Calls visit(field, key) where the object has the field and it is not null.
  void visit_field(const char* key, const auto& visit) const {
    const auto field = object_.find(key);
    if (field != object_.end() && !field->is_null()) visit(*field, key);
  }

  [[noreturn]] void refuse(const char* key, const std::string& expected, const json& got) const {
    // dump() recurses as deep as the value is nested, so nested values are not printed.
    const bool nested = got.is_structured();
    const auto replace = json::error_handler_t::replace;
    fail_corrupt(text(expected, " as ", key),
                 nested ? got.type_name() : shown_name(got.dump(-1, ' ', true, replace)), file_);
  }

  std::string word(const json& value, const char* key) const {
    if (!value.is_string()) refuse(key, "a text", value);
    return value.get<std::string>();
  }

  bool flag(const json& value, const char* key) const {
    if (!value.is_boolean()) refuse(key, "true or false", value);
    return value.get<bool>();
  }

  int64_t pixels(const json& value, const char* key) const {
    constexpr int64_t largest_side = 16384;
    if (!value.is_number_integer() || value < 1 || value > largest_side) {
      refuse(key, text("1 to ", largest_side, " pixels"), value);
    }
    return value.get<int64_t>();
  }

  double share(const json& value, const char* key) const {
    if (!value.is_number() || !(value > 0 && value <= 1)) refuse(key, "a share in (0, 1]", value);
    return value.get<double>();
  }

  std::array<double, 3> colours(const json& value, const char* key, double above) const {
    const bool three = value.is_array() && value.size() == 3 &&
                       std::all_of(value.begin(), value.end(), [&](const json& item) {
                         return item.is_number() && item > above;
                       });
    if (!three) refuse(key, text("three numbers above ", above), value);
    return value.get<std::array<double, 3>>();
  }

  // The side of a square: 224, {"shortest_edge": 224} or {"height": 224, "width": 224}.
  int64_t side(const json& value, const char* key) const {
    if (!value.is_object()) return pixels(value, key);
    if (value.contains("shortest_edge")) return pixels(value["shortest_edge"], key);
    if (!value.contains("height") || !value.contains("width") ||
        pixels(value["height"], key) != pixels(value["width"], key)) {
      refuse(key, "a square", value);
    }
    return pixels(value["height"], key);
  }

 private:
  const json& object_;
  const std::string& file_;
};

constexpr double mean_bound = -1e3, std_bound = 0;  // means and deviations are above these

void read_timm(const Config& config, Preprocessing& steps) {
  config.visit_field("input_size", [&](const json& value, const char* key) {
    if (!value.is_array() || value.size() != 3 || value[0] != 3 ||
        config.pixels(value[1], key) != config.pixels(value[2], key)) {
      config.refuse(key, "[3, size, size]", value);
    }
    steps.input_size = value[1].get<int64_t>();
  });
  config.visit_field("mean", [&](const json& value, const char* key) {
    steps.mean = config.colours(value, key, mean_bound);
  });
  config.visit_field("std", [&](const json& value, const char* key) {
    steps.std = config.colours(value, key, std_bound);
  });
  config.visit_field("crop_pct", [&](const json& value, const char* key) {
    steps.crop_share = config.share(value, key);
  });
  config.visit_field("interpolation", [&](const json& value, const char* key) {
    const auto known = find_value<Interpolation>(config.word(value, key));
    if (!known) config.refuse(key, "bicubic or bilinear", value);
    steps.interpolation = *known;
  });
}

// The crop_share for which a resize to input_size / crop_share, rounded down, gives `resized`.
double crop_share_of(int64_t input_size, int64_t resized) {
  double share = static_cast<double>(input_size) / static_cast<double>(resized);
  while (std::floor(static_cast<double>(input_size) / share) < static_cast<double>(resized)) {
    share = std::nextafter(share, 0.0);
  }
  return share;
}

void read_transformers(const Config& config, Preprocessing& steps) {
  config.visit_field("image_mean", [&](const json& value, const char* key) {
    steps.mean = config.colours(value, key, mean_bound);
  });
  config.visit_field("image_std", [&](const json& value, const char* key) {
    steps.std = config.colours(value, key, std_bound);
  });
  config.visit_field("resample", [&](const json& value, const char* key) {
    constexpr int bilinear = 2, bicubic = 3;  // Pillow's numbers
    if (value != bilinear && value != bicubic) config.refuse(key, "2 or 3", value);
    steps.interpolation = value == bicubic ? Interpolation::bicubic : Interpolation::bilinear;
  });
  bool crops = true;
  config.visit_field("do_center_crop",
                     [&](const json& value, const char* key) { crops = config.flag(value, key); });
  config.visit_field("size", [&](const json& value, const char* key) {
    const int64_t resized = config.side(value, key);
    steps.input_size = resized;
    steps.crop_share = 1;
    config.visit_field("crop_size", [&](const json& crop, const char* crop_key) {
      if (!crops) return;
      steps.input_size = config.side(crop, crop_key);
      if (steps.input_size > resized) config.refuse(crop_key, "a crop inside size", crop);
      steps.crop_share = crop_share_of(steps.input_size, resized);
    });
  });
  config.visit_field("crop_pct", [&](const json& value, const char* key) {
    steps.crop_share = config.share(value, key);
  });
}

// Means and deviations have timm's names.
void read_open_clip(const Config& config, Preprocessing& steps) {
  config.visit_field("resize_mode", [&](const json& value, const char* key) {
    if (value != "shortest") config.refuse(key, "shortest", value);
  });
  read_timm(config, steps);
}

json parse_object(const std::string& content, const std::string& file) {
  json object = json::parse(content, /*cb=*/nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) fail_corrupt("a JSON object", "other content", file);
  return object;
}

// Refuses the architecture of another registered backbone. Other names are not known and pass.
void check_architecture(const BackboneInfo& info, const std::string& named,
                        const std::string& file) {
  if (named == info.name) return;
  if (named == clip_twin(info.name)) return;  // check_clip_activation() tells them apart
  for (const BackboneInfo& other : backbone_list()) {
    if (other.name == named) fail_corrupt("weights of " + info.name, "those of " + named, file);
  }
}

}  // namespace

void apply_config(BackboneInfo& info, const WeightFile& file, const std::string& weights_path) {
  if (!file.config.empty()) {
    const std::string name = "config.json of " + weights_path;
    const json whole = parse_object(file.config, name);
    // In timm's first files the fields of pretrained_cfg were beside the architecture.
    const auto inner = whole.find("pretrained_cfg");
    const bool is_nested = inner != whole.end() && inner->is_object();
    if (is_nested || whole.contains("architecture")) {
      const Config config(whole, name);
      config.visit_field("architecture", [&](const json& value, const char* key) {
        check_architecture(info, config.word(value, key), name);
      });
      return read_timm(Config(is_nested ? *inner : whole, name), info.preprocessing);
    }
  }
  if (!file.preprocessor_config.empty()) {
    const std::string name = "preprocessor_config.json of " + weights_path;
    const json object = parse_object(file.preprocessor_config, name);
    return read_transformers(Config(object, name), info.preprocessing);
  }
  if (!file.open_clip_config.empty()) {
    const std::string name = "open_clip_config.json of " + weights_path;
    const json whole = parse_object(file.open_clip_config, name);
    const auto steps = whole.find("preprocess_cfg");
    if (steps != whole.end() && steps->is_object())
      read_open_clip(Config(*steps, name), info.preprocessing);
  }
}

}  // namespace submask
