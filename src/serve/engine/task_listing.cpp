#include "serve/engine/task_listing.h"

#include <iterator>

#include "taskfile/task_origin.h"

namespace submask {

TaskListing listing_of(const ServedFile& file, uint64_t file_bytes) {
  const TaskOrigin origin = origin_of(file.provenance());
  return {.file_name = file.path.filename().string(),
          .name = file.name,
          .digest = file.digest,
          .version = file.version,
          .is_cascade = file.cascade() != nullptr,
          .file_bytes = file_bytes,
          .classes = std::ssize(file.classes()),
          .masked_fraction = file.masked_fraction(),
          .accuracy = origin.accuracy.value_or(-1),
          .method = origin.method,
          .data = origin.data,
          .parent_file = file.parent_file()};
}

}  // namespace submask
