// The settings of masks as tables (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

Section<TrainSettings> mask_fields();
// Which units are masked, or adapted by a small change.
Section<TrainSettings> unit_fields();

}  // namespace submask
