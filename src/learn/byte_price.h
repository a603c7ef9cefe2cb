// What masks pay for the bytes of their file while they learn (TrainSettings::byte_price).
#pragma once

#include <cstdint>

#include <submask/train_settings.h>

#include "mask/optimizer.h"
#include "taskfile/mask_blocks.h"

namespace submask {

// What the file's coder says of the masks as they are now.
MaskPrices price_masks(const MaskOptimizer& optimizer);

class BytePrice {
 public:
  // `optimizer` must outlive this object.
  BytePrice(const TrainSettings& settings, MaskOptimizer& optimizer);

  // From the second epoch on, each weight pays by what the coder says of it: the bits that it takes
  // to be off less those that it takes to be on, in units of their mean over what is off.
  void start_epoch(int64_t epoch);

 private:
  bool is_by_coder_;
  MaskOptimizer& optimizer_;
};

}  // namespace submask
