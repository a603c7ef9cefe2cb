// The result of one method of low-labels with one number of labels and one seed.
#pragma once

#include <cstdint>
#include <string>

#include "grid/low_label_method.h"

namespace submask {

struct LowLabelCell {
  LowLabelMethod method;
  std::string labels;  // as DataOptions::labels
  uint64_t seed = 0;
  int64_t labelled_images = 0;
  // Of the network that is measured. Where labels only fit a probe, its epochs are those without
  // labels; 0 for lp.
  int64_t epochs = 0;
  double accuracy = 0;
  double masked_fraction = 0;
  double seconds = 0;  // with those of learning without labels, in each cell that begins with it
};

// How JSON (nlohmann-json) prints it.
template <typename Json>
void to_json(Json& json, const LowLabelCell& cell) {
  json = {{"method", name_of(cell.method)},
          {"labels", cell.labels},
          {"seed", cell.seed},
          {"labelled_images", cell.labelled_images},
          {"epochs", cell.epochs},
          {"accuracy", cell.accuracy},
          {"masked_fraction", cell.masked_fraction},
          {"seconds", cell.seconds}};
}

}  // namespace submask
