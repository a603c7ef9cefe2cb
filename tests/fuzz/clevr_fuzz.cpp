// Any bytes as CLEVR's scenes.
#include "data/format/clevr_scenes.h"
#include "listing_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/16, [&] {
    const submask::LabelledFiles files = submask::parse_clevr_scenes(bytes, "train/", "FILE");
    constexpr int64_t classes = submask::most_clevr_objects - submask::fewest_clevr_objects + 1;
    submask::check_listing(files, classes);
    submask::check_below(files);
  });
  return 0;
}
