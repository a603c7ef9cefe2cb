#include "data/format/hdf5_file.h"

#include "base/fail.h"
#include "base/quoted_name.h"

namespace submask {
namespace {

constexpr std::string_view signature = "\x89HDF\r\n\x1a\n";

// The bytes from the superblock on; none where there is no superblock. A user block before it is
// 512 bytes long, or 1024, 2048 and so on.
Bytes from_superblock(Bytes bytes) {
  for (uint64_t begin = 0; begin < bytes.size(); begin = begin == 0 ? 512 : begin * 2)
    if (as_text(bytes).substr(begin).starts_with(signature)) return bytes.subspan(begin);
  return {};
}

}  // namespace

bool looks_like_hdf5(Bytes bytes) { return !from_superblock(bytes).empty(); }

uint64_t Hdf5Fields::number(size_t bytes) {
  const Bytes field = take(bytes);
  uint64_t value = 0;
  for (size_t i = bytes; i-- > 0;) value = value << 8 | field[i];
  return value;
}

Bytes Hdf5Fields::take(uint64_t bytes) {
  if (bytes > rest_.size())
    fail_corrupt(text("a part of an HDF5 file with ", bytes, " bytes more"),
                 text(rest_.size(), " bytes"), *file_);
  const Bytes taken = rest_.first(bytes);
  rest_ = rest_.subspan(bytes);
  return taken;
}

void Hdf5Fields::expect_signature(std::string_view expected, const char* part) {
  const std::string_view got = as_text(take(expected.size()));
  if (got != expected) fail_corrupt(part, quoted_name(got), *file_);
}

void Hdf5Fields::expect_version(uint64_t version, const char* part) {
  const uint64_t got = number(1);
  if (got != version)
    fail_corrupt(text(part, " of version ", version), text("version ", got), *file_);
}

Hdf5File::Hdf5File(Bytes bytes, const std::string& file)
    : bytes_(from_superblock(bytes)), file_(file) {
  if (bytes_.empty()) fail_corrupt("an HDF5 file", "none", file);
  Hdf5Fields fields(bytes_.subspan(signature.size()), file);
  const uint64_t version = fields.number(1);
  if (version > 1)
    fail_corrupt("HDF5's superblock of version 0 or 1, as MATLAB writes it",
                 text("version ", version), file);
  fields.take(4);
  const uint64_t address_bytes = fields.number(1), length_bytes = fields.number(1);
  if (address_bytes != 8 || length_bytes != 8)
    fail_corrupt("addresses and lengths of 8 bytes", text(address_bytes, " and ", length_bytes),
                 file);
  fields.take(1 + 2 + 2 + 4);            // the trees' ranks, flags
  if (version == 1) fields.take(2 + 2);  // another rank
  fields.take(4 * 8);                    // base, free space, end of file, driver
  fields.take(8);                        // an offset of the root's name, which has none
  root_ = fields.number(8);
}

Bytes Hdf5File::at(uint64_t address, uint64_t size) const {
  if (address > bytes_.size() || size > bytes_.size() - address)
    fail_corrupt(
        text("parts within the ", bytes_.size(), " bytes of an HDF5 file"),
        address == hdf5_undefined ? "one that is not there" : text(size, " bytes at ", address),
        file_);
  return bytes_.subspan(address, size);
}

Hdf5Fields Hdf5File::fields_at(uint64_t address) const {
  at(address, 0);
  return {bytes_.subspan(address), file_};
}

}  // namespace submask
