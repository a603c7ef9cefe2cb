// Any bytes as a cascade file, and the same parts sealed anew. What reads is written again and
// reads the same.
#include <cstdlib>

#include "cascade/cascade.h"
#include "sealed_check.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  submask::check_sealed({data, size}, submask::cascade_format, [](const std::string& path) {
    submask::write_cascade(path, submask::read_cascade(path));
    const std::string written = submask::read_text_file(path);
    submask::write_cascade(path, submask::read_cascade(path));
    if (submask::read_text_file(path) != written) std::abort();
  });
  return 0;
}
