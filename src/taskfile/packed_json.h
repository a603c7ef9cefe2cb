// The description of a packed task as it stands in a file: beside the members of a TaskDescription
// the profile, the head's form, the parent, the statistics ("NAME CHANNELS"), and the masks ("NAME
// SHAPE ON BYTES", as "conv1.weight 16x3x3x3 389 57", where BYTES has a number for each block,
// joined by +).
#pragma once

#include <string>

#include <submask/packed_task.h>

namespace submask {

std::string packed_to_json(const PackedTask& packed);

// Fills all of a PackedTask but the coded masks, their checks, the values of the statistics, the
// head and the signature. Throws corrupt_file, also for sizes out of bounds and for a number of
// blocks that does not fit the shape, and unsupported_version for unknown `needs`.
PackedTask packed_from_json(const std::string& text, const std::string& file);

}  // namespace submask
