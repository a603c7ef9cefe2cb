// The settings of a run as JSON. A task file records those that are not the usual ones, and a
// checkpoint can be resumed only with the same ones.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include <submask/dataset.h>
#include <submask/train_settings.h>

namespace submask {

// Returns all settings that change the result, by the names of the options with '_' for '-'.
nlohmann::json settings_record(const TrainSettings& settings, const Backbone& backbone);

// Returns what a task file says of the record: a JSON merge patch (RFC 7386) from the program's
// defaults for method, objective and update rules. The whole record would be a kilobyte, a tenth of
// a small file.
nlohmann::json changed_settings(const TrainSettings& settings, const Backbone& backbone);

// Returns the record of what `file` says of it, by the defaults of this build. Throws
// nlohmann::json::exception where it has no method, and corrupt_file where that, an objective or an
// update rule is unknown.
nlohmann::json whole_settings(const nlohmann::json& changed, const std::string& file);

// Returns the SHA-256 over the record, the data and all the backbone's weights.
std::string run_fingerprint(const TrainSettings& settings, const DataSplits& data,
                            const Backbone& backbone);

}  // namespace submask
