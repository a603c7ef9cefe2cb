// The settings of a cascade but for its training's, as a table (base/fields.h).
#pragma once

#include <submask/train_settings.h>

#include "base/fields.h"

namespace submask {

const Section<CascadeSettings>& cascade_fields();

}  // namespace submask
