// A folder of this process alone, gone at its end: ctest runs tests of one program at the same
// time, and several checkouts may be tested at once.
#pragma once

#include <filesystem>
#include <gtest/gtest.h>
#include <string>
#include <unistd.h>

namespace submask {

inline const std::filesystem::path& scratch_folder() {
  struct Folder {
    pid_t owner = getpid();
    std::filesystem::path path =
        std::filesystem::path(testing::TempDir()) / ("submask_" + std::to_string(owner));
    Folder() { std::filesystem::create_directories(path); }
    ~Folder() {
      std::error_code ignored;
      if (getpid() == owner) std::filesystem::remove_all(path, ignored);  // not where a fork ends
    }
  };
  static const Folder folder;
  return folder.path;
}

// An empty one below it.
inline std::filesystem::path fresh_folder(const std::string& name) {
  std::filesystem::path folder = scratch_folder() / name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

}  // namespace submask
