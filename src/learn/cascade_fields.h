// The settings of a cascade but for its training's, as a table (base/fields.h).
#pragma once

#include "base/fields.h"
#include "learn/train_cascade.h"

namespace submask {

const Section<CascadeSettings>& cascade_fields();

}  // namespace submask
