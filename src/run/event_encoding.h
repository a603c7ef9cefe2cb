// Encodes three kinds of TensorFlow's Event message as Protocol Buffers do, with the field numbers
// of event.proto and summary.proto. `wall_time` is in seconds since 1970.
#pragma once

#include <string>

#include "run/event_file.h"

namespace submask {

// The first event of a file. It names the version of the format.
std::string version_event(double wall_time);

// An event that makes readers drop what earlier events say of this step and of later steps.
std::string restart_event(double wall_time, int64_t step);

// The numbers of one step.
std::string scalars_event(double wall_time, int64_t step, const Scalars& scalars);

}  // namespace submask
