// Feeds bytes to a reader of sealed files, as they are and with the checksum they should have.
#pragma once

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include "reader_check.h"
#include "taskfile/sealed_file.h"

namespace submask {

// A file of this process's own, in memory where there is such a folder.
inline const std::string& scratch_file() {
  static const std::string path = [] {
    const std::filesystem::path memory = "/dev/shm";
    const auto folder =
        std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
    return (folder / ("submask_fuzz_" + std::to_string(getpid()))).string();
  }();
  return path;
}

// `read` takes the path of a file, which it may write again.
template <typename Read>
void check_sealed(Bytes bytes, const SealedFormat& format, const Read& read) {
  // Packing bits, and what a map of tensors takes beside them.
  constexpr size_t factor = 256;
  const auto read_scratch = [&] {
    try {
      read(scratch_file());
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported_version) throw;
    }
  };
  const auto write = [&](const auto& content) {
    std::ofstream(scratch_file(), std::ios::binary).write(content.data(), std::ssize(content));
  };
  write(std::string(bytes.begin(), bytes.end()));
  check_reader(bytes, factor, read_scratch);

  SafetensorsFile parts;
  try {
    parts = parse_safetensors(bytes, "FILE");
  } catch (const Error&) {
  }
  const auto part = [&](const char* key) {
    const auto found = parts.metadata.find(key);
    return found == parts.metadata.end() ? std::string() : found->second;
  };
  if (!parts.entries.empty() || !parts.metadata.empty()) {
    write_sealed_file(scratch_file(), format,
                      {parts.entries, part(format.description_key), part("signature")});
    check_reader(bytes, factor, read_scratch);
  }
  std::filesystem::remove(scratch_file());
}

}  // namespace submask
