// The safetensors format (github.com/huggingface/safetensors), without tensors: entries are spans
// of bytes.
//
// A file is the length N of its header (uint64), N bytes of JSON, then the data of the entries one
// after the other. The reader checks that every entry has exactly the bytes that its shape and
// dtype need (of a dtype that is not read here, some number of bytes), and that every byte of the
// data belongs to exactly one entry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace submask {

inline constexpr uint64_t safetensors_header_limit =
    100'000'000;  // bytes, as in the format's own library

struct SafetensorsEntry {
  std::string name;
  std::string dtype;  // F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, or another one (F8_E4M3, U32)
  std::vector<int64_t> shape;
  Bytes data;
};

struct SafetensorsFile {
  std::vector<SafetensorsEntry> entries;  // by their data, or by the header where that is equal
  std::map<std::string, std::string> metadata;
  std::string_view header;  // the N bytes as they stand in the file
};

// Bytes of one element; 0 for a dtype that is not read here.
uint64_t safetensors_element_bytes(std::string_view dtype);

// True where the bytes begin as a safetensors file does.
bool looks_like_safetensors(Bytes bytes);

// Entries and header point into `bytes`. Throws corrupt_file, naming `file`.
SafetensorsFile parse_safetensors(Bytes bytes, const std::string& file);

// The header that the writer makes for these entries, padded by spaces to a multiple of 8 bytes. A
// file is canonical when it has this header. Throws invalid_argument for a name that comes twice or
// is not UTF-8, and for data of another size than shape and dtype need.
std::string safetensors_header(std::span<const SafetensorsEntry> entries,
                               const std::map<std::string, std::string>& metadata);

// A file of the entries in the order given.
std::vector<uint8_t> safetensors_bytes(std::span<const SafetensorsEntry> entries,
                                       const std::map<std::string, std::string>& metadata);

// Writes the entries in the order given, atomically: the same input gives the same bytes.
void write_safetensors_entries(const std::filesystem::path& path,
                               std::span<const SafetensorsEntry> entries,
                               const std::map<std::string, std::string>& metadata);

}  // namespace submask
