// One run of `submask pretrain`: learns all weights of a network from random ones, writes them and
// measures the file as users will load it.
#pragma once

#include <submask/run.h>

#include "run/result_json.h"

namespace submask {

// A spec of `submask pretrain` with its default settings.
RunSpec new_pretraining();

// Returns what --json prints. The spec needs a backbone, data and the file to write. Throws as
// Runner::run().
ResultJson pretrain(RunSpec spec, const RunHooks& hooks);

}  // namespace submask
