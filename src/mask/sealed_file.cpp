#include "mask/sealed_file.h"

#include "base/fail.h"
#include "base/hash.h"

namespace submask {
namespace {

template <typename Hash>
void hash_content(const std::vector<SafetensorsEntry>& entries, const std::string& description,
                  Hash& hash) {
  hash.update(description);
  for (const SafetensorsEntry& entry : entries) {
    hash.update(text('\n', entry.name, ' ', entry.dtype));
    for (const int64_t size : entry.shape) hash.update(text(' ', size));
    hash.update("\n");
    hash.update(entry.data);
  }
}

std::string checksum(const std::vector<SafetensorsEntry>& entries, const std::string& description,
                     const std::string& signature) {
  XxHash64 hash;
  hash_content(entries, description, hash);
  hash.update(signature);
  return hash.hex();
}

// An empty text where the metadata lack the key.
std::string metadata_value(const SafetensorsFile& file, const char* key) {
  const auto found = file.metadata.find(key);
  return found == file.metadata.end() ? std::string() : found->second;
}

}  // namespace

void write_sealed_file(const std::filesystem::path& path, const SealedFormat& format,
                       const std::vector<SafetensorsEntry>& entries, const std::string& description,
                       const std::string& signature) {
  std::map<std::string, std::string> metadata = {
      {"format", format.name},
      {"version", format.version},
      {format.description_key, description},
      {"xxh64", checksum(entries, description, signature)}};
  if (!signature.empty()) metadata["signature"] = signature;
  write_safetensors_entries(path, entries, metadata);
}

std::string sealed_digest(const std::vector<SafetensorsEntry>& entries,
                          const std::string& description) {
  Sha256 hash;
  hash_content(entries, description, hash);
  return hash.hex();
}

SealedFile::SealedFile(const std::filesystem::path& path, const SealedFormat& format)
    : mapped_(path) {
  SafetensorsFile stored = parse_safetensors(mapped_.bytes(), mapped_.path());
  const std::string name = metadata_value(stored, "format");
  version_ = metadata_value(stored, "version");
  if (name != format.name)
    fail_corrupt(text("a submask ", format.kind),
                 name.starts_with("submask-") ? name : "another safetensors file", this->path());
  if (version_.size() != 1 || version_ < format.oldest || version_ > format.version)
    fail(ErrorKind::unsupported_version, "expected a ", format.kind, " of version ", format.version,
         " or older, got version '", shown(version_), "', in ", this->path());
  description_ = metadata_value(stored, format.description_key);
  signature_ = metadata_value(stored, "signature");
  const std::string computed = checksum(stored.entries, description_, signature_),
                    stated = metadata_value(stored, "xxh64");
  if (computed != stated) fail_corrupt("checksum " + stated, computed, this->path());
  if (stored.header != safetensors_header(stored.entries, stored.metadata))
    fail_corrupt(text("the header a ", format.kind, " is written with"), "another", this->path());
  entries_ = std::move(stored.entries);
}

bool has_format(const std::filesystem::path& path, const SealedFormat& format) {
  const MappedFile mapped(path);
  return metadata_value(parse_safetensors(mapped.bytes(), mapped.path()), "format") == format.name;
}

}  // namespace submask
