// Any bytes as one of CoOp's split files.
//
// The factor: an image of ten bytes, as ["a",0,""], is an item of 16 and, with a label of its own,
// a node of 80.
#include "data/format/coop_split.h"
#include "listing_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/32, [&] {
    const submask::ListedFiles files = submask::parse_coop_split(bytes, "FILE");
    for (const auto* part : {&files.train, &files.test}) {
      submask::check_listing(*part, static_cast<int64_t>(files.class_names.size()));
      submask::check_below(*part);
    }
  });
  return 0;
}
