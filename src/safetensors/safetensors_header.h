// The JSON header of a safetensors file, read strictly (base/strict_json.h): nothing twice, nothing
// unknown, nothing nested deeper.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace submask {

struct SafetensorsRange {
  std::string name;
  std::string dtype;
  std::vector<uint64_t> shape;
  std::vector<uint64_t> offsets;  // begin and end, relative to the data section
};

struct SafetensorsHeader {
  std::vector<SafetensorsRange> ranges;  // in the order of the header
  std::map<std::string, std::string> metadata;
};

// Checks the form only, not whether offsets and shapes are possible. Throws corrupt_file.
SafetensorsHeader parse_safetensors_header(std::string_view json, const std::string& file);

}  // namespace submask
