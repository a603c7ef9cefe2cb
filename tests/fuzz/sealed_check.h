// Feeds bytes to a reader of sealed files, as they are and with the checksum they should have.
#pragma once

#include <string>

#include "memory_folder.h"
#include "reader_check.h"
#include "taskfile/sealed_file.h"
#include "written_entries.h"

namespace submask {

// `read` takes the path of a file, which it may write again.
template <typename Read>
void check_sealed(Bytes bytes, const SealedFormat& format, const Read& read) {
  // Packing bits, and what a map of tensors takes beside them.
  constexpr size_t factor = 256;
  const std::string scratch = (memory_folder() / "sealed").string();
  const auto read_scratch = [&] {
    try {
      read(scratch);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::unsupported_version) throw;
    }
  };
  write_in_memory("sealed", bytes);
  check_reader(bytes, factor, read_scratch);

  SafetensorsFile parts;
  try {
    parts = parse_safetensors(bytes, "FILE");
  } catch (const Error&) {
  }
  const auto part = [&](const char* key) {
    const auto found = parts.metadata.find(key);
    return found == parts.metadata.end() ? std::string() : found->second;
  };
  drop_unknown_dtypes(parts.entries);
  if (!parts.entries.empty() || !parts.metadata.empty()) {
    write_sealed_file(scratch, format,
                      {parts.entries, part(format.description_key), part("signature")});
    check_reader(bytes, factor, read_scratch);
  }
}

}  // namespace submask
