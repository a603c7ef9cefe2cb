#include "safetensors/safetensors.h"

#include <algorithm>
#include <utility>

#include "base/byte_cursor.h"
#include "base/checked.h"
#include "base/quoted_name.h"
#include "base/tensor_shape.h"
#include "safetensors/safetensors_header.h"

namespace submask {
namespace {

SafetensorsEntry checked_entry(const SafetensorsRange& range, Bytes data, const std::string& file) {
  const std::string name = quoted_name(range.name);
  if (range.offsets.size() != 2 || range.offsets[0] > range.offsets[1] ||
      range.offsets[1] > data.size()) {
    fail_corrupt(text("the bytes of ", name, " inside the file's ", data.size(), " bytes of data"),
                 "other offsets (truncated or damaged)", file);
  }
  SafetensorsEntry entry{range.name, range.dtype, {}, {}};
  const uint64_t element_bytes = safetensors_element_bytes(range.dtype);
  const uint64_t size =
      checked_multiply(count_elements(range.shape, name, file), element_bytes, file);
  entry.shape.assign(range.shape.begin(), range.shape.end());
  entry.data = data.subspan(range.offsets[0], range.offsets[1] - range.offsets[0]);
  if (element_bytes > 0 && entry.data.size() != size) {
    fail_corrupt(text(size, " bytes of ", name), entry.data.size(), file);
  }
  return entry;
}

// Calls put(bytes) for the parts of a file, one after the other.
void for_each_part(std::span<const SafetensorsEntry> entries,
                   const std::map<std::string, std::string>& metadata, const auto& put) {
  const std::string header = safetensors_header(entries, metadata);
  const uint64_t header_bytes = header.size();
  put(Bytes(reinterpret_cast<const uint8_t*>(&header_bytes), sizeof header_bytes));
  put(as_bytes(header));
  for (const SafetensorsEntry& entry : entries) put(entry.data);
}

}  // namespace

uint64_t safetensors_element_bytes(std::string_view dtype) {
  if (dtype == "F64" || dtype == "I64") return 8;
  if (dtype == "F32" || dtype == "I32") return 4;
  if (dtype == "F16" || dtype == "BF16" || dtype == "I16") return 2;
  if (dtype == "I8" || dtype == "U8" || dtype == "BOOL") return 1;
  return 0;
}

bool looks_like_safetensors(Bytes bytes) {
  if (bytes.size() < 9 || bytes[8] != '{') return false;
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, bytes.data(), sizeof header_bytes);
  return header_bytes <= safetensors_header_limit;
}

SafetensorsFile parse_safetensors(Bytes bytes, const std::string& file) {
  ByteCursor cursor(bytes, file);
  const auto header_bytes = cursor.number<uint64_t>();
  if (header_bytes > safetensors_header_limit && !as_text(bytes).substr(8).starts_with('{'))
    fail_corrupt("a safetensors file", "other content", file);
  if (header_bytes > safetensors_header_limit) {
    fail_corrupt(text("a header of at most ", safetensors_header_limit, " bytes"), header_bytes,
                 file);
  }
  SafetensorsFile result;
  result.header = cursor.take_text(header_bytes);
  SafetensorsHeader header = parse_safetensors_header(result.header, file);
  result.metadata = std::move(header.metadata);

  const Bytes data = cursor.take(cursor.remaining());
  result.entries.reserve(header.ranges.size());
  for (const SafetensorsRange& range : header.ranges) {
    result.entries.push_back(checked_entry(range, data, file));
  }
  std::stable_sort(result.entries.begin(), result.entries.end(), [](const auto& a, const auto& b) {
    return std::pair(a.data.data(), a.data.size()) < std::pair(b.data.data(), b.data.size());
  });
  const uint8_t* end = data.data();
  for (const SafetensorsEntry& entry : result.entries) {
    if (entry.data.data() != end) {
      fail_corrupt("data without gaps or overlaps", text("one before ", quoted_name(entry.name)),
                   file);
    }
    end += entry.data.size();
  }
  if (end != data.data() + data.size()) {
    fail_corrupt(text(end - data.data(), " bytes of data"), data.size(), file);
  }
  return result;
}

std::vector<uint8_t> safetensors_bytes(std::span<const SafetensorsEntry> entries,
                                       const std::map<std::string, std::string>& metadata) {
  std::vector<uint8_t> bytes;
  for_each_part(entries, metadata,
                [&](Bytes part) { bytes.insert(bytes.end(), part.begin(), part.end()); });
  return bytes;
}

void write_safetensors_entries(const std::filesystem::path& path,
                               std::span<const SafetensorsEntry> entries,
                               const std::map<std::string, std::string>& metadata) {
  AtomicFile file(path);
  for_each_part(entries, metadata, [&](Bytes part) { file.write(part); });
  file.commit();
}

}  // namespace submask
