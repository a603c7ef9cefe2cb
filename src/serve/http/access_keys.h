// Who may ask: keys by their SHA-256, each with a role.
//
// A file of keys has a line for each: the hash as 64 hexadecimal digits, "read" or "admin", and
// perhaps a name for logs. Empty lines and lines that begin with # are comments. The key itself is
// in no file of the server's.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace submask {

enum class AccessRole { none, read, admin };  // each may what those before it may

struct AccessKey {
  AccessRole role = AccessRole::none;
  std::string name = {};  // for logs; without one the first eight digits of the hash
  std::string hash = {};  // by which keys are told
};

class AccessKeys {
 public:
  // Throws io, and corrupt_file for a line that is no key, a hash that is there twice, or no key at
  // all, as where somebody is about to write the file.
  static AccessKeys read(const std::filesystem::path& path);

  // Nothing where no such key is there.
  std::optional<AccessKey> find(std::string_view key) const;

  size_t size() const { return keys_.size(); }

 private:
  std::map<std::string, AccessKey> keys_;  // by hash
};

}  // namespace submask
