// The folder of a published archive's files.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// Users name the folder that the archive unpacks as, or the one that they unpacked it in.
inline std::filesystem::path find_archive(const std::filesystem::path& folder,
                                          const std::string& archive_folder) {
  std::error_code missing;
  const std::filesystem::path archive = folder / archive_folder;
  return std::filesystem::is_directory(archive, missing) ? archive : folder;
}

}  // namespace submask
