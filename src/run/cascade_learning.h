// One run of `submask cascade`: learns, measures, writes the cascade.
#pragma once

#include <string>

#include <submask/run.h>

#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// Where the result goes.
std::string result_path(const CascadeSpec& cascade);

// What --json prints. `spec` is one of a CascadeSpec.
ResultJson learn_cascade(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
