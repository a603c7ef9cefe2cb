// A run of `submask cascade`: learns, measures and writes the cascade.
#pragma once

#include <string>

#include <submask/run.h>

#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// The file that the run writes.
std::string result_path(const CascadeSpec& cascade);

// Returns the result that --json prints. The work of `spec` must be a CascadeSpec. Throws as
// Runner::run().
ResultJson learn_cascade(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
