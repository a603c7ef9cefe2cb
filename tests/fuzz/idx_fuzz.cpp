// Any bytes as an IDX file of images and as one of labels, gzipped or not.
//
// The factor is deflate's: what a file may inflate to is allocated before it is inflated.
#include "data/format/deflate_ratio.h"
#include "data/format/idx_content.h"
#include "reader_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  for (const size_t dimensions : {1, 3}) {
    submask::check_reader(bytes, submask::best_deflate_ratio, [&] {
      const submask::IdxContent content = submask::parse_idx(bytes, dimensions, "FILE");
      uint64_t total = 1;
      for (const uint64_t length : content.dimensions) total *= length;
      if (content.dimensions.size() != dimensions || content.bytes.size() != total) std::abort();
    });
  }
  return 0;
}
