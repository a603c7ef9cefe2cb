// The settings of a run as JSON: what a task file says made it, and what a checkpoint must agree
// with.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/dataset.h>
#include <submask/train_settings.h>

namespace submask {

// Everything that changes the result, by the names of the options with '_' for '-'.
nlohmann::json settings_record(const TrainSettings& settings, const Backbone& backbone);

// SHA-256 over the record, the data and all the backbone's weights.
std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone);

}  // namespace submask
