// A run of `submask train`: learns, measures and writes what was learned.
#pragma once

#include <string>

#include <submask/error.h>
#include <submask/run.h>

#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// Thrown in place of `interrupted` where the last checkpoint stands: the same command goes on from
// it. Other processes of the run may still be at work.
class StoppedWhileMeasuring : public Error {
 public:
  StoppedWhileMeasuring();
};

// The file that the run writes.
std::string result_path(const LearnSpec& learn);

// Returns the result that --json prints. The work of `spec` must be a LearnSpec. Throws as
// Runner::run().
ResultJson learn(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
