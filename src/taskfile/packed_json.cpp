#include "taskfile/packed_json.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/fail.h"
#include "base/hash.h"
#include "base/joined.h"
#include "base/json_text.h"
#include "base/names.h"
#include "base/parse_number.h"
#include "taskfile/description_json.h"
#include "taskfile/mask_blocks.h"

namespace submask {
namespace {

using nlohmann::json;

// Each mask and each norm is one line of text, because JSON objects would take most of a small
// file. Splits a line at each separator; "a  b" has an empty part.
std::vector<std::string> parts_of(const std::string& line, char separator) {
  std::vector<std::string> parts = {""};
  for (const char c : line)
    if (c == separator)
      parts.emplace_back();
    else
      parts.back() += c;
  return parts;
}

int64_t whole_number(const std::string& digits, const std::string& file) {
  const auto number = parse_number<int64_t>(digits);
  if (!number || *number < 0) fail_corrupt("a whole number", "'" + digits + "'", file);
  return *number;
}

std::vector<std::string> fields_of(const std::string& line, size_t count, const char* form,
                                   const std::string& file) {
  std::vector<std::string> fields = parts_of(line, ' ');
  if (fields.size() != count) fail_corrupt(text("'", form, "'"), "'" + line + "'", file);
  return fields;
}

std::string mask_line(const PackedMask& mask) {
  return text(mask.name, ' ', joined(mask.shape, "x"), ' ', mask.on, ' ',
              joined(mask.block_bytes, "+"));
}

PackedMask mask_from_line(const std::string& line, const std::string& file) {
  const auto fields = fields_of(line, 4, "NAME SHAPE ON BYTES", file);
  PackedMask mask;
  mask.name = fields[0];
  for (const std::string& size : parts_of(fields[1], 'x'))
    mask.shape.push_back(whole_number(size, file));
  mask.on = whole_number(fields[2], file);
  if (const auto fault = unit_fault(mask.name, mask.shape, mask.on))
    fail_corrupt(fault->expected, fault->got, file);
  for (const std::string& bytes : parts_of(fields[3], '+'))
    mask.block_bytes.push_back(static_cast<uint64_t>(whole_number(bytes, file)));
  const int64_t blocks = blocks_of_mask(mask.shape);
  if (std::ssize(mask.block_bytes) != blocks)
    fail_corrupt(text(blocks, " blocks of ", mask.name), mask.block_bytes.size(), file);
  return mask;
}

PackedNorm norm_from_line(const std::string& line, const std::string& file) {
  const auto fields = fields_of(line, 2, "NAME CHANNELS", file);
  constexpr int64_t most_channels = int64_t{1} << 24;
  if (!is_word(fields[0])) fail_corrupt("a batch norm's name", quoted_name(fields[0]), file);
  const int64_t channels = whole_number(fields[1], file);
  if (channels > most_channels)
    fail_corrupt(text("at most ", most_channels, " channels"), channels, file);
  return {fields[0], channels};
}

uint64_t number_from_hex(const std::string& digits, const std::string& file) {
  const auto number = parse_number<uint64_t>(digits, 16);
  if (!number || digits.size() != 16)
    fail_corrupt("16 hexadecimal digits", "'" + digits + "'", file);
  return *number;
}

// A name that comes twice would stand for one of its masks or buffers alone.
void check_names(const PackedTask& packed, const std::string& file) {
  std::set<std::string> names;
  for (const PackedMask& mask : packed.masks)
    if (!names.insert(mask.name).second) fail_corrupt("a mask of each unit once", mask.name, file);
  for (const PackedNorm& norm : packed.norms)
    for (const std::string& buffer : norm.buffers())
      if (!names.insert(buffer).second)
        fail_corrupt("statistics of each buffer once", buffer, file);
}

}  // namespace

std::string packed_to_json(const PackedTask& packed) {
  json record = description_to_json(packed);
  record["profile"] = name_of(packed.profile);
  record["head"] = name_of(packed.head_form);
  json& masks = record["masks"] = json::array();
  for (const PackedMask& mask : packed.masks) masks.push_back(mask_line(mask));
  json& norms = record["statistics"] = json::array();
  for (const PackedNorm& norm : packed.norms) norms.push_back(text(norm.name, ' ', norm.channels));
  if (packed.statistics.dtype == Dtype::f16)
    record["statistics_base"] = hex_digits(packed.statistics_base);
  if (!packed.parent_masks.empty())
    record["parent"] = {{"file", packed.parent_file}, {"masks", packed.parent_masks}};
  return json_text(record);
}

PackedTask packed_from_json(const std::string& text, const std::string& file) {
  try {
    const auto record = parse_json<json>(text, file);
    PackedTask packed;
    static_cast<TaskDescription&>(packed) = description_from_json(record, file);
    packed.profile = value_in_file<MaskProfile>(record.at("profile"), "a profile", file);
    packed.head_form = value_in_file<HeadForm>(record.at("head"), "a head's form", file);
    for (const json& line : record.at("masks"))
      packed.masks.push_back(mask_from_line(line.get<std::string>(), file));
    for (const json& line : record.at("statistics"))
      packed.norms.push_back(norm_from_line(line.get<std::string>(), file));
    check_names(packed, file);
    if (record.contains("statistics_base"))
      packed.statistics_base = number_from_hex(record["statistics_base"], file);
    if (record.contains("parent")) {
      packed.parent_file = record["parent"].at("file");
      packed.parent_masks = record["parent"].at("masks");
      if (!packed.parent_file.empty() && !is_file_name(packed.parent_file))
        fail_corrupt("a parent's file name", quoted_name(packed.parent_file), file);
    }
    return packed;
  } catch (const json::exception& error) {
    fail_corrupt("the description of a task", error.what(), file);
  }
}

}  // namespace submask
