// A folder of this process's own for files that a reader takes by their paths: in memory where
// there is such a place, and gone with the process.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>
#include <unistd.h>

#include "base/file.h"

namespace submask {

inline const std::filesystem::path& memory_folder() {
  namespace fs = std::filesystem;
  struct Folder {
    fs::path path;
    Folder() {
      const fs::path memory = "/dev/shm";
      path = (fs::exists(memory) ? memory : fs::temp_directory_path()) /
             ("submask_fuzz_" + std::to_string(getpid()) + ".folder");
      fs::create_directories(path);
    }
    ~Folder() {
      std::error_code ignored;
      fs::remove_all(path, ignored);
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
  };
  static const Folder folder;
  return folder.path;
}

// Writes the file NAME of that folder and returns its path.
inline std::filesystem::path write_in_memory(const std::string& name, Bytes bytes) {
  const std::filesystem::path path = memory_folder() / name;
  std::ofstream(path, std::ios::binary).write(as_text(bytes).data(), std::ssize(bytes));
  return path;
}

}  // namespace submask
