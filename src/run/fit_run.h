// One run of `submask fit`: fits a head to labelled images, and puts it into a task file in place
// of the head that was there.
#pragma once

#include <string>

#include <submask/run.h>

#include "base/fields.h"
#include "evaluate/fitted_head.h"
#include "run/result_json.h"

namespace submask {

struct FitSpec {
  BackboneSettings backbone;
  ComputeSettings compute;
  DataOptions data;  // the seed of `compute` is used in place of its own
  InputSettings input;
  std::string feature_cache;  // a folder; "": features are not kept
  FitSettings fit;
  std::string task;  // task file
  std::string out;   // task file to write; "": `task` itself
};

const Section<FitSettings>& fit_fields();

// Returns what --json prints. Throws as Runner::run().
ResultJson fit_task(const FitSpec& spec, const RunHooks& hooks);

}  // namespace submask
