#include "base/content_digest.h"

#include <filesystem>
#include <map>
#include <mutex>
#include <tuple>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"

namespace submask {
namespace fs = std::filesystem;

namespace {

std::string file_digest(const std::string& path) {
  using Stamp = std::tuple<std::string, uintmax_t, fs::file_time_type>;
  static std::mutex mutex;
  static std::map<Stamp, std::string> known;
  const MappedFile file(path);
  const Stamp stamp{fs::absolute(path).string(), file.bytes().size(), fs::last_write_time(path)};
  const std::lock_guard lock(mutex);
  std::string& digest = known[stamp];
  if (digest.empty()) digest = sha256_hex(file.bytes());
  return digest;
}

}  // namespace

std::string content_digest(const std::string& path) {
  if (!fs::is_directory(path)) return file_digest(path);
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(path))
    if (entry.is_regular_file())
      files[entry.path().filename().string()] = file_digest(entry.path().string());
  Sha256 hash;
  for (const auto& [name, digest] : files) hash.update(text(name, '\0', digest, '\n'));
  return hash.hex();
}

RecordJson content_record(const std::string& path) {
  return path.empty() ? RecordJson() : RecordJson(content_digest(path));
}

}  // namespace submask
