// The settings of an update rule as a table (base/fields.h).
#pragma once

#include <submask/update_settings.h>

#include "base/fields.h"

namespace submask {

const Fields<UpdateSettings>& update_fields();

}  // namespace submask
