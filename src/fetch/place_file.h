// Where fetched files come to lie.
#pragma once

#include <algorithm>
#include <filesystem>
#include <string>

#include "base/fail.h"

namespace submask {

// Whether a name from elsewhere leads to a place below the folder that it is joined to.
inline bool lies_within(const std::string& name) {
  const std::filesystem::path path = name;
  return !name.empty() && !path.is_absolute() &&
         std::none_of(path.begin(), path.end(),
                      [](const std::filesystem::path& part) { return part == ".."; });
}

// A file or folder to its place in the same file system, at once. Throws io.
inline void move_to(const std::filesystem::path& place, const std::filesystem::path& from) {
  std::error_code error;
  std::filesystem::rename(from, place, error);
  if (error) fail(ErrorKind::io, "cannot rename ", from.string(), ": ", error.message());
}

}  // namespace submask
