// Any bytes as a CSV file of images.
//
// The factor: a comma is a field, a string of 32 bytes, in a row that is moved as it grows.
#include "data/format/csv_table.h"
#include "listing_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::check_reader(bytes, /*factor=*/128, [&] {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const submask::CsvTable table = submask::parse_csv_table(text, "FILE");
    if (table.parts.size() != table.files.size()) std::abort();
    submask::check_listing(table.files, static_cast<int64_t>(table.class_names.size()));
  });
  return 0;
}
