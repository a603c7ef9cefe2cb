// Three kinds of TensorFlow's Event message in Protocol Buffers' encoding, by the field numbers of
// event.proto and summary.proto. `wall_time` is in seconds since 1970.
#pragma once

#include <string>

#include "run/event_file.h"

namespace submask {

// The first event of a file: how the others are to be read.
std::string version_event(double wall_time);

// From here on numbers of `step` and later ones replace those in older files.
std::string restart_event(double wall_time, int64_t step);

std::string scalars_event(double wall_time, int64_t step, const Scalars& scalars);

}  // namespace submask
