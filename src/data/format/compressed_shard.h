// A shard's bytes, whether it is compressed or not.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/file.h"

namespace submask {

// The content of a file compressed by zstd or gzip, in a temporary file in $TMPDIR or /tmp, mapped
// like any shard. The file has no name, so that it is gone with this object, whatever ends the
// process.
class InflatedFile {
 public:
  // Throws corrupt_file for data that is damaged or cut off, or that would take more than 64 MiB
  // and more than 100 times its compressed size; io, naming the folder, where the disk is full.
  InflatedFile(Bytes compressed, const std::string& file);
  ~InflatedFile();
  InflatedFile(const InflatedFile&) = delete;
  InflatedFile& operator=(const InflatedFile&) = delete;

  Bytes bytes() const { return {data_, size_}; }

 private:
  const uint8_t* data_ = nullptr;
  size_t size_ = 0;
};

// Null for a file that does not begin as compressed ones do.
std::shared_ptr<const InflatedFile> inflate_if_compressed(const MappedFile& file);

}  // namespace submask
