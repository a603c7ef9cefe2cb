// Any bytes as a task file over the embedded resnet20, and the same parts sealed anew, since
// nothing gets past the checksum by chance. What reads and unpacks is written again and reads the
// same.
#include <cstdlib>

#include <submask/task_file.h>

#include "sealed_check.h"

namespace {

using submask::Backbone;
using submask::PackedTask;

const Backbone& backbone() {
  static const auto loaded = Backbone::load("resnet20", "");
  return *loaded;
}

// Another backbone or parent than the file names is the caller's error; damage is the file's.
void unpack(const PackedTask& packed) {
  try {
    unpack_task(packed, backbone());
  } catch (const submask::Error& error) {
    if (error.kind() != submask::ErrorKind::invalid_argument) throw;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  backbone();  // before memory is counted
  submask::check_sealed({data, size}, submask::task_format, [](const std::string& path) {
    const PackedTask packed = submask::read_packed_task(path);
    submask::write_task(path, packed);
    const std::string written = submask::read_text_file(path);
    submask::write_task(path, submask::read_packed_task(path));
    if (submask::read_text_file(path) != written) std::abort();
    unpack(packed);
  });
  return 0;
}
