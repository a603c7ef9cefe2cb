// Any bytes as a safetensors file. What parses is written again and parses to the same.
#include "reader_check.h"
#include "safetensors/safetensors.h"
#include "safetensors/safetensors_header.h"
#include "written_entries.h"

namespace {

void check_written_again(const submask::SafetensorsFile& file) {
  const std::string header = submask::safetensors_header(file.entries, file.metadata);
  const submask::SafetensorsHeader again = submask::parse_safetensors_header(header, "AGAIN");
  bool same = again.ranges.size() == file.entries.size() && again.metadata == file.metadata;
  for (size_t i = 0; same && i < file.entries.size(); ++i) {
    same = again.ranges[i].name == file.entries[i].name &&
           again.ranges[i].shape.size() == file.entries[i].shape.size();
  }
  if (!same) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const submask::Bytes bytes(data, size);
  submask::looks_like_safetensors(bytes);
  submask::SafetensorsFile file;
  submask::check_reader(bytes, /*factor=*/32, [&] {
    file = submask::parse_safetensors(bytes, "FILE");
    for (const submask::SafetensorsEntry& entry : file.entries) submask::touch(entry.data);
  });
  submask::drop_unknown_dtypes(file.entries);
  check_written_again(file);
  return 0;
}
