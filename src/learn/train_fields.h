// The table of the settings of learning (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

// Has all settings except the method, the seed and the device, which other tables have
// (run/run_fields.h).
const Fields<TrainSettings>& train_fields();

}  // namespace submask
