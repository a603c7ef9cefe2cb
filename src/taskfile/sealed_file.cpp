#include "taskfile/sealed_file.h"

#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "base/parse_number.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

template <typename Hash>
void hash_content(const SealedParts& parts, Hash& hash) {
  hash.update(parts.description);
  for (const SafetensorsEntry& entry : parts.entries) {
    hash.update(text('\n', entry.name, ' ', entry.dtype));
    for (const int64_t size : entry.shape) hash.update(text(' ', size));
    hash.update("\n");
    hash.update(entry.data);
  }
}

std::string checksum(const SealedParts& parts) {
  XxHash64 hash;
  hash_content(parts, hash);
  hash.update(parts.signature);
  return hash.hex();
}

std::map<std::string, std::string> metadata_of(const SealedFormat& format,
                                               const SealedParts& parts) {
  std::map<std::string, std::string> metadata = {{"format", format.name},
                                                 {"version", std::to_string(format.version)},
                                                 {format.description_key, parts.description},
                                                 {"xxh64", checksum(parts)}};
  if (!parts.signature.empty()) metadata["signature"] = parts.signature;
  return metadata;
}

// An empty text where the metadata lack the key.
std::string metadata_value(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

void check_format(const SafetensorsFile& stored, const SealedFormat& format,
                  const std::string& file) {
  const std::string name = metadata_value(stored, "format");
  if (name != format.name)
    fail_corrupt(text("a submask ", format.kind),
                 name.starts_with("submask-") ? name : "another safetensors file", file);
  const std::string stated = metadata_value(stored, "version");
  const auto version = parse_number<int>(stated);
  if (!version || *version < 1 || std::to_string(*version) != stated)
    fail_corrupt("a version of 1 or more", quoted_name(stated), file);
  if (*version > format.version)
    fail(ErrorKind::unsupported_version, "expected a ", format.kind, " of version ", format.version,
         " or older, got version ", *version, ", in ", file);
}

}  // namespace

void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const SealedParts& parts) {
  write_safetensors_entries(path, parts.entries, metadata_of(format, parts));
}

std::vector<uint8_t> sealed_bytes(const SealedFormat& format, const SealedParts& parts) {
  return safetensors_bytes(parts.entries, metadata_of(format, parts));
}

std::string sealed_digest(const SealedParts& parts) {
  Sha256 hash;
  hash_content(parts, hash);
  return hash.hex();
}

SealedParts parse_sealed_file(Bytes bytes, const std::string& name, const SealedFormat& format) {
  SafetensorsFile stored = parse_safetensors(bytes, name);
  check_format(stored, format, name);
  for (const SafetensorsEntry& entry : stored.entries)
    if (safetensors_element_bytes(entry.dtype) == 0)
      fail_corrupt(text("a known dtype of ", quoted_name(entry.name)), quoted_name(entry.dtype),
                   name);
  SealedParts parts{std::move(stored.entries), metadata_value(stored, format.description_key),
                    metadata_value(stored, "signature")};
  const std::string computed = checksum(parts), stated = metadata_value(stored, "xxh64");
  if (computed != stated) fail_corrupt("checksum " + stated, computed, name);
  if (stored.header != safetensors_header(parts.entries, metadata_of(format, parts)))
    fail_corrupt(text("the header a ", format.kind, " is written with"), "another", name);
  return parts;
}

void check_needs(const std::vector<std::string>& needs, std::span<const std::string_view> known,
                 const std::string& file) {
  for (const std::string& need : needs)
    if (std::find(known.begin(), known.end(), need) == known.end())
      fail(ErrorKind::unsupported_version, "expected a file that a reader of version ",
           task_format.version, " knows all of, got one that needs ", quoted_name(need), ", in ",
           file);
}

void check_description(const std::string& stored, const std::string& written,
                       const std::string& file) {
  if (stored == written) return;
  const std::string place =
      first_difference(nlohmann::json::parse(written), nlohmann::json::parse(stored));
  fail_corrupt("a description as it is written",
               place.empty() ? "another text of the same" : "another " + quoted_name(place), file);
}

bool has_format(Bytes bytes, const std::string& name, const SealedFormat& format) {
  return metadata_value(parse_safetensors(bytes, name), "format") == format.name;
}

}  // namespace submask
