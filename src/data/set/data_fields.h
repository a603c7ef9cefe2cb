// The options that name data and choose images of it, as a table (base/fields.h).
#pragma once

#include <submask/dataset.h>

#include "base/fields.h"

namespace submask {

const Section<DataOptions>& data_fields();

}  // namespace submask
