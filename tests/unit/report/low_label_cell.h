// A cell of low-labels as tests write it down.
#pragma once

#include "grid/low_label_cell.h"

namespace submask {

inline LowLabelCell low_label_cell(const LowLabelMethod& method, int64_t images, uint64_t seed,
                                   double accuracy) {
  LowLabelCell cell;
  cell.method = method;
  cell.labelled_images = images;
  cell.seed = seed;
  cell.accuracy = accuracy;
  return cell;
}

}  // namespace submask
