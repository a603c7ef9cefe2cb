// The settings of a run as JSON. A task file records them, and a checkpoint can be resumed only
// with the same ones.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/dataset.h>
#include <submask/train_settings.h>

namespace submask {

// Returns all settings that change the result, by the names of the options with '_' for '-'.
nlohmann::json settings_record(const TrainSettings& settings, const Backbone& backbone);

// Returns the SHA-256 over the record, the data and all the backbone's weights.
std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone);

}  // namespace submask
