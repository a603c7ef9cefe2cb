// The fields of a crop by their names: read from text, written as text, and checked.
#include <charconv>
#include <cmath>
#include <functional>
#include <set>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>

#include <submask/recipe.h>

#include "base/fail.h"
#include "base/joined.h"
#include "base/names.h"
#include "base/nearest_name.h"
#include "base/parse_number.h"

namespace submask {
namespace {

constexpr double most_pixels = 4096;

using Member = std::variant<int64_t CropRecipe::*, double CropRecipe::*, std::string CropRecipe::*>;

// A field and the values it may have.
struct CropField {
  const char* name;
  Member member;
  double least = 0, most = 1;
};

const std::vector<CropField>& fields() {
  static const std::vector<CropField> list{
      {"count", &CropRecipe::count, 1, 64},
      {"size", &CropRecipe::size, 0, most_pixels},
      {"crop", &CropRecipe::crop},
      {"scale-min", &CropRecipe::scale_min, 1e-6, 1},
      {"scale-max", &CropRecipe::scale_max, 1e-6, 1},
      {"pad", &CropRecipe::pad, 0, most_pixels},
      {"flip", &CropRecipe::flip},
      {"jitter", &CropRecipe::jitter},
      {"brightness", &CropRecipe::brightness, 0, 100},
      {"contrast", &CropRecipe::contrast, 0, 100},
      {"saturation", &CropRecipe::saturation, 0, 100},
      {"hue", &CropRecipe::hue, 0, 0.5},
      {"grey", &CropRecipe::grey},
      {"blur", &CropRecipe::blur},
      {"blur-min", &CropRecipe::blur_min, 0, 1000},
      {"blur-max", &CropRecipe::blur_max, 0, 1000},
      {"solarise", &CropRecipe::solarise},
  };
  return list;
}

const CropField& find_field(std::string_view name) {
  std::vector<std::string> names;
  for (const CropField& field : fields()) {
    if (field.name == name) return field;
    names.emplace_back(field.name);
  }
  fail_unknown("a field of a crop", name, names, joined(names));
}

template <typename Number>
Number field_number(const CropField& field, std::string_view digits) {
  const auto number = parse_number<Number>(digits);
  if (!number)
    fail_argument(
        text("a ", std::is_integral_v<Number> ? "whole number" : "number", " as ", field.name),
        digits);
  return *number;
}

void set_field(CropRecipe& crop, std::string_view assignment) {
  const size_t equals = assignment.find('=');
  const CropField& field = find_field(assignment.substr(0, equals));
  if (equals == std::string_view::npos) fail_argument(text(field.name, "=VALUE"), assignment);
  const std::string_view value = assignment.substr(equals + 1);
  std::visit(
      [&](auto member) {
        using Value = std::remove_reference_t<decltype(crop.*member)>;
        if constexpr (std::is_same_v<Value, std::string>)
          crop.*member = value;
        else
          crop.*member = field_number<Value>(field, value);
      },
      field.member);
}

// The shortest text that reads back as the same number.
std::string value_text(const CropRecipe& crop, const Member& member) {
  return std::visit(
      [&](auto pointer) -> std::string {
        const auto& value = crop.*pointer;
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string>) {
          return value;
        } else {
          char digits[32];
          return {digits, std::to_chars(digits, digits + sizeof digits, value).ptr};
        }
      },
      member);
}

}  // namespace

CropRecipe parse_crop(const std::string& assignments) {
  CropRecipe crop;
  std::set<std::string_view> names;
  for (std::string_view rest = assignments;;) {
    const size_t comma = rest.find(',');
    const std::string_view assignment = rest.substr(0, comma),
                           name = assignment.substr(0, assignment.find('='));
    if (!names.insert(name).second)
      fail_argument(text("each field of a crop once"), text(name, " twice"));
    set_field(crop, assignment);
    if (comma == std::string_view::npos) break;
    rest.remove_prefix(comma + 1);
  }
  check_crop(crop);
  return crop;
}

std::string crop_text(const CropRecipe& crop) {
  const CropRecipe usual;
  std::string text = "count=" + std::to_string(crop.count);
  for (const CropField& field : fields()) {
    const std::string value = value_text(crop, field.member);
    if (std::string_view(field.name) != "count" && value != value_text(usual, field.member))
      text += std::string(",") + field.name + "=" + value;
  }
  return text;
}

void check_crop(const CropRecipe& crop) {
  for (const CropField& field : fields())
    std::visit(
        [&](auto member) {
          if constexpr (!std::is_same_v<decltype(member), std::string CropRecipe::*>) {
            const auto value = static_cast<double>(crop.*member);
            if (!(value >= field.least && value <= field.most))
              fail_argument(text("a crop's ", field.name, " of ", field.least, " to ", field.most),
                            value);
          }
        },
        field.member);
  if (crop.crop != "centre" && crop.crop != "random")
    fail_no_value("a crop", crop.crop, {"centre", "random"});
  if (crop.scale_min > crop.scale_max)
    fail_argument(text("a crop's scale-min of at most its scale-max, ", crop.scale_max),
                  crop.scale_min);
  if (crop.blur_min > crop.blur_max)
    fail_argument(text("a crop's blur-min of at most its blur-max, ", crop.blur_max),
                  crop.blur_min);
}

}  // namespace submask
