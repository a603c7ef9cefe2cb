// Options that a run was given and has no use for, as --from of a linear probe. Nothing would tell
// users otherwise that what they asked for is not done.
#pragma once

#include <string>

#include <submask/run.h>

namespace submask {

// Tells of each: "--momentum is of no use to fs as set here", for the method or another option may
// be why. The tables of settings say where a field is of use. `settings` are the resolved ones of a
// run that learns over `backbone`.
void tell_useless_options(const RunSpec& spec, const BackboneInfo& backbone,
                          const TrainSettings& settings, const RunHooks& hooks);

// Of a run that measures.
void tell_useless_options(const RunSpec& spec, const RunHooks& hooks);

}  // namespace submask
