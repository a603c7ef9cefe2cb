// The superblock and the fields of an HDF5 file, as far as MATLAB 7.3 writes them: version 0 or 1,
// with addresses and lengths of eight bytes. Internal to the reader of .mat files.
//
// From "HDF5 File Format Specification Version 3.0". Every address is checked against the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/file.h"

namespace submask {

constexpr uint64_t hdf5_undefined = ~uint64_t{0};  // the address of something that is missing

// Reads little-endian fields, one after the other. Throws corrupt_file at the end of the bytes.
class Hdf5Fields {
 public:
  Hdf5Fields(Bytes bytes, const std::string& file) : rest_(bytes), file_(&file) {}

  uint64_t number(size_t bytes);  // of 1, 2, 4 or 8 bytes
  Bytes take(uint64_t bytes);
  // `part` names the part of the file for messages: "a heap of names".
  void expect_signature(std::string_view signature, const char* part);
  void expect_version(uint64_t version, const char* part);
  bool is_empty() const { return rest_.empty(); }

 private:
  Bytes rest_;
  const std::string* file_;
};

class Hdf5File {
 public:
  // `file`, the name for messages, must outlive this object. Throws corrupt_file where there is no
  // superblock, or one of another version.
  Hdf5File(Bytes bytes, const std::string& file);

  uint64_t size_bytes() const { return bytes_.size(); }
  uint64_t root() const { return root_; }  // the address of the root group's object header
  const std::string& name() const { return file_; }

  Bytes at(uint64_t address, uint64_t size) const;
  Hdf5Fields fields_at(uint64_t address) const;  // up to the file's end

 private:
  Bytes bytes_;  // from the superblock on: addresses count from there
  const std::string& file_;
  uint64_t root_ = 0;
};

// Whether these bytes are an HDF5 file, which may begin with a user block.
bool looks_like_hdf5(Bytes bytes);

}  // namespace submask
