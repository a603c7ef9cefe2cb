// Where fetched files come to lie.
#pragma once

#include <filesystem>

#include "base/fail.h"

namespace submask {

// With all folders above it. Throws io.
inline void make_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) fail(ErrorKind::io, "cannot make folder ", folder.string(), ": ", error.message());
}

// A file or folder to its place in the same file system, at once. Throws io.
inline void move_to(const std::filesystem::path& place, const std::filesystem::path& from) {
  std::error_code error;
  std::filesystem::rename(from, place, error);
  if (error) fail(ErrorKind::io, "cannot rename ", from.string(), ": ", error.message());
}

}  // namespace submask
