#include "serve/http/access_keys.h"

#include <algorithm>
#include <sstream>

#include "base/fail.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/lower_case.h"
#include "base/quoted_name.h"

namespace submask {

AccessKeys AccessKeys::read(const std::filesystem::path& path) {
  AccessKeys keys;
  std::istringstream file(read_text_file(path));
  std::string line;
  for (size_t number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line);
    std::string hash, role, name, more;
    words >> hash >> role >> name >> more;
    if (hash.empty() || hash.starts_with('#')) continue;
    const std::string place = text(path.string(), ", line ", number);
    hash = lower_case(hash);
    if (hash.size() != 64 || hash.find_first_not_of("0123456789abcdef") != std::string::npos)
      fail_corrupt("SHA-256 of a key as 64 hexadecimal digits", text(hash.size(), " letters"),
                   place);
    if (role != "read" && role != "admin")
      fail_corrupt("read or admin behind the hash of a key", quoted_name(role), place);
    if (!more.empty()) fail_corrupt("a hash, a role and a name", quoted_name(more), place);
    const AccessKey key{role == "admin" ? AccessRole::admin : AccessRole::read,
                        name.empty() ? hash.substr(0, 8) : name, hash};
    if (!keys.keys_.emplace(hash, key).second)
      fail_corrupt("each key once", hash.substr(0, 8) + "... again", place);
  }
  if (keys.size() == 0) fail_corrupt("a key at least", "none", path.string());
  return keys;
}

// Looking up a hash tells nothing of the keys by its time: nobody can choose what a key hashes to.
std::optional<AccessKey> AccessKeys::find(std::string_view key) const {
  Sha256 hash;
  hash.update(key);
  const auto found = keys_.find(hash.hex());
  if (found == keys_.end()) return std::nullopt;
  return found->second;
}

}  // namespace submask
