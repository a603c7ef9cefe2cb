#include "safetensors/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "base/strict_json.h"
#include "base/utf8.h"
#include "safetensors/safetensors.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr const char* metadata_name = "__metadata__";

// At depth 1 the names, at 2 the fields of one tensor or the metadata, at 3 an array of numbers.
class HeaderReader final : private StrictJson {
 public:
  explicit HeaderReader(const std::string& file)
      : StrictJson("a safetensors header", "a safetensors header of named tensors", file) {}

  SafetensorsHeader read(Bytes bytes) {
    parse(bytes);
    return std::move(header_);
  }

 private:
  void on_object_begin() override {
    if (depth() >= 2) refuse("an object");
    in_metadata_ = depth() == 1 && name_ == metadata_name;
    if (depth() == 1 && !in_metadata_) header_.ranges.push_back({name_, {}, {}, {}});
  }

  void on_object_end() override {
    if (depth() == 2 && !in_metadata_ && names_so_far() != 3)
      refuse("one without dtype, shape or data_offsets");
  }

  void on_name(const std::string& name) override {
    if (depth() == 2 && !in_metadata_ && name != "dtype" && name != "shape" &&
        name != "data_offsets")
      refuse("the field " + quoted_name(name));
    name_ = name;
  }

  void on_string(const std::string& value) override {
    if (depth() == 2 && in_metadata_) {
      header_.metadata[name_] = value;
    } else if (depth() == 2 && name_ == "dtype") {
      header_.ranges.back().dtype = value;
    } else {
      refuse("a string");
    }
  }

  void on_array_begin() override {
    if (depth() != 2 || in_metadata_ || name_ == "dtype") refuse("an array");
  }

  void on_number(uint64_t value) override {
    if (depth() != 3) refuse("a number");
    SafetensorsRange& range = header_.ranges.back();
    (name_ == "shape" ? range.shape : range.offsets).push_back(value);
  }

  std::string_view last_item() const override {
    return header_.ranges.empty() ? "" : std::string_view(header_.ranges.back().name);
  }

  SafetensorsHeader header_;
  bool in_metadata_ = false;
  std::string name_;  // the last one
};

std::string quoted_json(const std::string& value) {
  if (!is_utf8(value)) fail_argument("a name in UTF-8", quoted_name(value));
  return json(value).dump();
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view header, const std::string& file) {
  return HeaderReader(file).read(as_bytes(header));
}

std::string safetensors_header(std::span<const SafetensorsEntry> entries,
                               const std::map<std::string, std::string>& metadata) {
  std::string header = "{";
  if (!metadata.empty()) {
    header += text("\"", metadata_name, "\":{");
    for (const auto& [key, value] : metadata)
      header += quoted_json(key) + ":" + quoted_json(value) + ",";
    header.back() = '}';
    header += ',';
  }
  std::set<std::string_view> names{metadata_name};
  uint64_t offset = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (!names.insert(entry.name).second) fail_argument("a name once", quoted_name(entry.name));
    uint64_t size = safetensors_element_bytes(entry.dtype);
    if (size == 0) fail_argument("a dtype of safetensors", quoted_name(entry.dtype));
    for (const int64_t length : entry.shape) size *= static_cast<uint64_t>(length);
    if (size != entry.data.size()) {
      fail_argument(text(size, " bytes of ", quoted_name(entry.name)), entry.data.size());
    }
    header += quoted_json(entry.name) + ":{\"dtype\":" + quoted_json(entry.dtype) +
              ",\"shape\":" + json(entry.shape).dump() +
              text(",\"data_offsets\":[", offset, ",", offset + size, "]},");
    offset += size;
  }
  if (header.back() == ',') header.pop_back();
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');
  return header;
}

}  // namespace submask
