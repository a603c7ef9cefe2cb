#include "weights/safetensors_header.h"

#include <nlohmann/json.hpp>
#include <set>
#include <unordered_set>

#include "base/fail.h"
#include "base/quoted_name.h"
#include "weights/safetensors.h"

namespace submask {
namespace {

using nlohmann::json;

constexpr const char* kMetadata = "__metadata__";

// Receives the JSON piece by piece, so that a hostile header is refused where it first goes wrong
// and no document is built of it. level_ 1: names; 2: the fields of one tensor, or metadata; 3: an
// array of numbers.
class HeaderReader : public nlohmann::json_sax<json> {
 public:
  explicit HeaderReader(const std::string& file) : file_(file) {}
  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(size_t) override {
    if (level_ >= 2) refuse("an object");
    ++level_;
    fields_ = {};  // clear() would walk every bucket a large one once had
    in_metadata_ = level_ == 2 && key_ == kMetadata;
    if (level_ == 2 && !in_metadata_) header_.ranges.push_back({key_, {}, {}, {}});
    return true;
  }

  bool key(std::string& key) override {
    const bool is_new = level_ == 1 ? names_.insert(key).second : fields_.insert(key).second;
    if (!is_new) refuse("a second " + quoted_name(key));
    if (level_ == 2 && !in_metadata_ && key != "dtype" && key != "shape" && key != "data_offsets") {
      refuse("the field " + quoted_name(key));
    }
    key_ = key;
    return true;
  }

  bool string(std::string& value) override {
    if (level_ == 2 && in_metadata_) {
      header_.metadata[key_] = value;
    } else if (level_ == 2 && key_ == "dtype") {
      header_.ranges.back().dtype = value;
    } else {
      refuse("a string");
    }
    return true;
  }

  bool start_array(size_t) override {
    if (level_ != 2 || in_metadata_ || key_ == "dtype") refuse("an array");
    ++level_;
    return true;
  }

  bool number_unsigned(uint64_t value) override {
    if (level_ != 3) refuse("a number");
    SafetensorsRange& range = header_.ranges.back();
    (key_ == "shape" ? range.shape : range.offsets).push_back(value);
    return true;
  }

  bool end_array() override {
    --level_;
    return true;
  }

  bool end_object() override {
    if (level_ == 2 && !in_metadata_ && fields_.size() != 3) {
      refuse("one without dtype, shape or data_offsets");
    }
    --level_;
    return true;
  }

  bool null() override { refuse("null"); }
  bool boolean(bool) override { refuse("a boolean"); }
  bool number_integer(int64_t) override { refuse("a negative number"); }
  bool number_float(double, const std::string&) override { refuse("a fraction"); }
  bool binary(json::binary_t&) override { refuse("binary data"); }
  bool parse_error(size_t position, const std::string&, const json::exception&) override {
    fail_corrupt("a safetensors header in JSON", text("an error at its byte ", position), file_);
  }

 private:
  [[noreturn]] void refuse(const std::string& got) const {
    const std::string where = header_.ranges.empty() ? "" : header_.ranges.back().name;
    fail_corrupt("a safetensors header of named tensors",
                 got + (where.empty() ? "" : " at or after " + quoted_name(where)), file_);
  }

  const std::string& file_;
  SafetensorsHeader header_;
  int level_ = 0;
  bool in_metadata_ = false;
  std::string key_;
  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> fields_;
};

std::string json_text(const std::string& value) {
  try {
    return json(value).dump();
  } catch (const json::exception&) {
    fail_argument("a name in UTF-8", quoted_name(value));
  }
}

}  // namespace

SafetensorsHeader parse_safetensors_header(std::string_view header, const std::string& file) {
  HeaderReader reader(file);
  json::sax_parse(header, &reader);
  return reader.take();
}

std::string safetensors_header(std::span<const SafetensorsEntry> entries,
                               const std::map<std::string, std::string>& metadata) {
  std::string header = "{";
  if (!metadata.empty()) {
    header += text("\"", kMetadata, "\":{");
    for (const auto& [key, value] : metadata)
      header += json_text(key) + ":" + json_text(value) + ",";
    header.back() = '}';
    header += ',';
  }
  std::set<std::string_view> names{kMetadata};
  uint64_t offset = 0;
  for (const SafetensorsEntry& entry : entries) {
    if (!names.insert(entry.name).second) fail_argument("a name once", quoted_name(entry.name));
    uint64_t size = safetensors_element_bytes(entry.dtype);
    if (size == 0) fail_argument("a dtype of safetensors", quoted_name(entry.dtype));
    for (const int64_t length : entry.shape) size *= static_cast<uint64_t>(length);
    if (size != entry.data.size()) {
      fail_argument(text(size, " bytes of ", quoted_name(entry.name)), entry.data.size());
    }
    header += json_text(entry.name) + ":{\"dtype\":" + json_text(entry.dtype) +
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
