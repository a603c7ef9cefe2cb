// What every list of labelled files promises.
#pragma once

#include <cstdlib>
#include <string>
#include <vector>

#include "data/format/labelled_files.h"
#include "reader_check.h"

namespace submask {

inline void check_listing(const LabelledFiles& files, int64_t classes) {
  for (size_t i = 0; i < files.size(); ++i) {
    if (files.label(i) < 0 || files.label(i) >= classes) std::abort();
    touch(as_bytes(files.name(i)));
  }
}

inline void check_below(const LabelledFiles& files) {
  for (size_t i = 0; i < files.size(); ++i)
    if (!lies_below(files.name(i))) std::abort();
}

}  // namespace submask
