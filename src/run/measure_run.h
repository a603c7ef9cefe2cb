// One run of `submask evaluate`.
#pragma once

#include <functional>

#include <submask/run.h>

#include "evaluate/classification_report.h"
#include "run/opened.h"
#include "run/result_json.h"

namespace submask {

// What the first method found, for whoever looks closer.
struct MeasuredDetails {
  const ClassificationReport& report;
  const Features& test;
  const Dataset& dataset;
};
using MeasuredHook = std::function<void(const MeasuredDetails& details, ResultJson& result)>;

// Measures a backbone, or a task over it: what --json prints. `spec` is one of a MeasureSpec.
ResultJson measure(const RunSpec& spec, const RunHooks& hooks, Opened& opened,
                   const MeasuredHook& measured = {});

}  // namespace submask
