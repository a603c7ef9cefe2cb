// Which mask units a run learns.
#pragma once

#include <vector>

#include <submask/backbone.h>
#include <submask/mask.h>

namespace submask {

// Throws invalid_argument for a pattern that matches no unit, or when nothing is left to mask.
std::vector<MaskUnit> select_units(const Backbone& backbone, const MaskSelection& selection);

}  // namespace submask
