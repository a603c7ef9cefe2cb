// A run that is ready to begin: what it names is open, and its settings are checked.
#pragma once

#include <submask/run.h>

#include "run/opened.h"

namespace submask {

struct CheckedRun {
  RunData data;
  Backbone& backbone;  // valid until the next call of Opened
  // The resolved settings of a run that learns, without a clip head (run_settings.h).
  TrainSettings settings = {};
};

// Throws what the run itself would throw before it learns or measures anything: as opening network
// and data, settings_without_texts() and check_training() (learn/settings_check.h) do.
CheckedRun check_run(const RunSpec& spec, Opened& opened);

}  // namespace submask
