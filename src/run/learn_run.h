// One run of `submask train`: learns, measures, writes what was learned.
#pragma once

#include <string>

#include <submask/run.h>

#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// Where the result goes.
std::string result_path(const LearnSpec& learn);

// What --json prints. `spec` is one of a LearnSpec.
ResultJson learn(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
