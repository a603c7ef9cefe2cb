// The settings of a run as JSON: what a task file says made it, and what a checkpoint must agree
// with.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/train.h>

namespace submask {

// Everything that changes the result; not the number of workers, nor where checkpoints go.
nlohmann::json settings_record(const TrainSettings& settings, const Backbone& backbone);

// SHA-256 over the record, the data and the backbone.
std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone);

}  // namespace submask
