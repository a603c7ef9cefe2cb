// A run of `submask evaluate`.
#pragma once

#include <functional>

#include <submask/run.h>

#include "evaluate/classification_report.h"
#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// The details of the first method, for analyses that need more than the result.
struct MeasuredDetails {
  const ClassificationReport& report;
  const Features& test;
  const Dataset& dataset;
};
using MeasuredHook = std::function<void(const MeasuredDetails& details, ResultJson& result)>;

// Measures a backbone, or a task over it, and returns the result that --json prints. The work of
// `spec` must be a MeasureSpec. `on_measured` is called after the first method and may add to the
// result. Throws as Runner::run().
ResultJson measure(const RunSpec& spec, const RunHooks& hooks, Opened& opened,
                   const MeasuredHook& on_measured = {});

}  // namespace submask
