// Selects the mask units that a run learns.
#pragma once

#include <vector>

#include <submask/backbone.h>
#include <submask/mask.h>

namespace submask {

// Returns the selected units in the backbone's order. Throws invalid_argument for a pattern that
// matches no unit, a share outside (0, 1], or when no unit is left.
std::vector<MaskUnit> select_units(const Backbone& backbone, const MaskSelection& selection);

}  // namespace submask
