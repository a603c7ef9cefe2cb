// Any bytes as a .mat file of version 5 or 7.3 with arrays X and y.
//
// The factor is deflate's, three times: a chunk as it is inflated, without its shuffling, and as
// part of the array.
#include "data/format/deflate_ratio.h"
#include "data/format/mat_file.h"
#include "reader_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  for (const char* name : {"X", "y"}) {
    submask::check_reader(bytes, 3 * submask::best_deflate_ratio, [&] {
      const submask::MatArray array = submask::read_mat_array(bytes, name, "FILE");
      uint64_t count = 1;
      for (const uint64_t length : array.shape) count *= length;
      if (array.values.size() != count) std::abort();
    });
  }
  return 0;
}
