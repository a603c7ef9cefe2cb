// The table of a cascade's settings, without those of its training (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

const Section<CascadeSettings>& cascade_fields();

}  // namespace submask
