#include "taskfile/description_json.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/quoted_name.h"
#include "base/utf8.h"
#include "taskfile/sealed_file.h"

namespace submask {
namespace {

using nlohmann::json;

// In bits. No network has a mask unit as large; the limit bounds what a reader allocates.
constexpr int64_t unit_size_limit = int64_t{1} << 36;

Preprocessing preprocessing_from_json(const json& record, const std::string& file) {
  Preprocessing p;
  p.input_size = record.at("input_size");
  p.crop_share = record.at("crop_share");
  p.interpolation =
      value_in_file<Interpolation>(record.at("interpolation"), "an interpolation", file);
  p.mean = record.at("mean");
  p.std = record.at("std");
  if (p.input_size < 1 || p.input_size > 8192)
    fail_corrupt("an input size in 1...8192", p.input_size, file);
  if (!(p.crop_share > 0 && p.crop_share <= 1))
    fail_corrupt("a crop share in (0, 1]", p.crop_share, file);
  for (const double value : p.std)
    if (!(value > 0)) fail_corrupt("standard deviations above 0", value, file);
  if (record.contains("resize"))
    p.resize = value_in_file<ResizeMode>(record["resize"], "a resize", file);
  if (record.contains("crop_offset"))
    p.crop_offset = value_in_file<CropOffset>(record["crop_offset"], "a crop offset", file);
  if (record.contains("fill")) p.fill = record["fill"];
  for (const int value : p.fill)
    if (value < 0 || value > 255) fail_corrupt("a fill of 0...255", value, file);
  return p;
}

constexpr std::array<std::string_view, 3> known_needs{"preprocessing.crop_offset",
                                                      "preprocessing.fill", "preprocessing.resize"};

// Those of them that the preprocessing has.
std::vector<std::string> needs_of(const json& preprocessing) {
  constexpr std::string_view prefix = "preprocessing.";
  std::vector<std::string> needs;
  for (const std::string_view need : known_needs)
    if (preprocessing.contains(need.substr(prefix.size()))) needs.emplace_back(need);
  return needs;
}

}  // namespace

// Steps that came later stand there only where they are not the usual ones.
json preprocessing_to_json(const Preprocessing& p) {
  const Preprocessing usual;
  json record = {{"input_size", p.input_size},
                 {"crop_share", p.crop_share},
                 {"interpolation", p.interpolation},
                 {"mean", p.mean},
                 {"std", p.std}};
  if (p.resize != usual.resize) record["resize"] = p.resize;
  if (p.crop_offset != usual.crop_offset) record["crop_offset"] = p.crop_offset;
  if (p.fill != usual.fill) record["fill"] = p.fill;
  return record;
}

bool is_word(const std::string& name) {
  return !name.empty() && is_utf8(name) && std::ranges::all_of(name, [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7F;
  });
}

bool is_file_name(const std::string& name) {
  const std::filesystem::path path = name;
  return !name.empty() && is_utf8(name) && path == path.filename() && name != "." && name != ".." &&
         name.find('\0') == std::string::npos;
}

std::optional<Fault> unit_fault(const std::string& name, const std::vector<int64_t>& shape,
                                int64_t on) {
  if (!is_word(name)) return Fault{"a unit's name without spaces", quoted_name(name)};
  if (shape.empty()) return Fault{"a shape of one size or more for " + name, "none"};
  int64_t count = 1;
  for (const int64_t size : shape) {
    if (size < 1) return Fault{"a shape of positive sizes for " + name, std::to_string(size)};
    if (size > unit_size_limit / count)
      return Fault{"at most 2^36 bits a mask unit", text("more in ", name)};
    count *= size;
  }
  if (on < 0 || on > count)
    return Fault{text("a count of 0...", count, " for ", name), std::to_string(on)};
  return std::nullopt;
}

json description_to_json(const TaskDescription& description) {
  json record = {{"backbone", description.backbone},
                 {"weights_identity", description.weights_identity},
                 {"criterion", description.criterion},
                 {"scale", description.scale},
                 {"classes", description.classes},
                 {"preprocessing", preprocessing_to_json(description.preprocessing)},
                 {"provenance", json::parse(description.provenance)},
                 {"needs", needs_of(preprocessing_to_json(description.preprocessing))}};
  if (!description.licence.empty()) record["licence"] = description.licence;
  return record;
}

std::string provenance_from_json(const json& record, const std::string& file) {
  if (!record.is_object()) fail_corrupt("provenance as an object", record.type_name(), file);
  return json_text(record);
}

TaskDescription description_from_json(const json& record, const std::string& file) {
  check_needs(record.at("needs").get<std::vector<std::string>>(), known_needs, file);
  TaskDescription description;
  description.backbone = record.at("backbone");
  description.weights_identity = record.at("weights_identity");
  description.criterion = value_in_file<CriterionKind>(record.at("criterion"), "a criterion", file);
  description.scale = record.at("scale");
  description.classes = record.at("classes").get<std::vector<std::string>>();
  description.preprocessing = preprocessing_from_json(record.at("preprocessing"), file);
  description.provenance = provenance_from_json(record.at("provenance"), file);
  description.licence = record.value("licence", "");
  return description;
}

}  // namespace submask
