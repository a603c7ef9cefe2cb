// Whether the processes of a run do the same: where they do not, the run stops with one line that
// says which process differs in what.
#pragma once

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/loader.h>
#include <submask/train_settings.h>

#include "parallel/communicator.h"

namespace submask {

// Compares version, settings, data and weights, and checks that every process has its share of the
// work. Collective. Throws invalid_argument.
void check_processes_agree(const Communicator& processes, const TrainSettings& settings,
                           const DataSplits& data, const Backbone& backbone);

// Throws corrupt_file, on all processes, where one of them has no image of a batch: all of its
// share did not decode. Collective.
void check_no_share_is_empty(const Communicator& processes, const Batch& batch);

// Compares what was learned so far, by its hash. Collective. Throws unavailable.
void check_learned_alike(const Communicator& processes, const std::string& digest, int64_t epoch);

}  // namespace submask
