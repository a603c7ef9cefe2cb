// A shard's bytes, whether it is compressed or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"

namespace submask {

// What a file compressed by zstd or gzip holds, in a temporary file that has no name and is gone
// with this object, whatever ends the process. Lies in $TMPDIR or /tmp, mapped like any shard.
class InflatedFile {
 public:
  // Throws corrupt_file for data that is damaged, cut off or larger than 100 times its compressed
  // size (and 64 MiB); io where the disk has no room, naming the folder.
  InflatedFile(Bytes compressed, const std::string& file);
  ~InflatedFile();
  InflatedFile(const InflatedFile&) = delete;
  InflatedFile& operator=(const InflatedFile&) = delete;

  Bytes bytes() const { return {data_, size_}; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// Null for a file that is not compressed, by its first bytes.
std::shared_ptr<const InflatedFile> inflate_if_compressed(const MappedFile& file);

}  // namespace submask
