// The settings of learning as a table (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

// All but seed and device, which every command has.
const Fields<TrainSettings>& train_fields();

}  // namespace submask
