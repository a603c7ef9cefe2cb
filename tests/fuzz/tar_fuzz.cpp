// Any bytes as a tar archive.
#include "data/format/tar_directory.h"
#include "reader_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/4, [&] {
    for (const submask::TarEntry& entry : submask::read_tar_directory(bytes, "FILE")) {
      if (entry.offset > size || entry.size > size - entry.offset) std::abort();
      submask::touch(bytes.subspan(entry.offset, entry.size));
    }
  });
  return 0;
}
