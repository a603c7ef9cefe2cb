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

std::string value_of(const SafetensorsFile& file, const char* key) {
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
  const std::string name = value_of(stored, "format");
  version_ = value_of(stored, "version");
  if (name != format.name)
    fail_corrupt(text("a submask ", format.what),
                 name.starts_with("submask-") ? name : "another safetensors file", this->path());
  if (version_.size() != 1 || version_ < format.oldest || version_ > format.version)
    fail(ErrorKind::unsupported_version, "expected a ", format.what, " of version ", format.version,
         " or older, got version '", shown(version_), "', in ", this->path());
  description_ = value_of(stored, format.description_key);
  signature_ = value_of(stored, "signature");
  const std::string sum = checksum(stored.entries, description_, signature_),
                    told = value_of(stored, "xxh64");
  if (sum != told) fail_corrupt("checksum " + told, sum, this->path());
  if (stored.header != safetensors_header(stored.entries, stored.metadata))
    fail_corrupt(text("the header a ", format.what, " is written with"), "another", this->path());
  entries_ = std::move(stored.entries);
}

bool says_format(const std::filesystem::path& path, const SealedFormat& format) {
  const MappedFile mapped(path);
  return value_of(parse_safetensors(mapped.bytes(), mapped.path()), "format") == format.name;
}

}  // namespace submask
