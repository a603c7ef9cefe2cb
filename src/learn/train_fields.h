// The table of the settings of learning (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

// Has all settings but the method, and seed and device, which every command has.
const Fields<TrainSettings>& train_fields();

}  // namespace submask
