// The parts that all results have, and the record in a file of how it was made.
#pragma once

#include <string>

#include <submask/run.h>

#include "evaluate/measurement.h"
#include "run/result_json.h"

namespace submask {

struct DataOrigin {
  std::string spec;  // DataOptions::spec
  const DataSplits& data;
  uint64_t seed = 0;
};

// Says where the numbers come from: method, backbone, weights_identity, data, data_digest (of the
// training images), seed, commit and, where files were passed over, passed_over.
ResultJson result_header(const std::string& method, const Backbone& backbone,
                         const DataOrigin& data);

// [{what, count, first, loss}], as in PassedOver.
ResultJson passed_over_json(const std::vector<PassedOver>& passed_over);

// Adds damaged_images, where images of the data were damaged and decoded all the same, and tells of
// them.
void add_damaged_images(const DataSplits& data, const RunHooks& hooks, ResultJson& result);

// Adds accuracy, mean_class_accuracy, n and, where images were skipped, bad_images.
void add_accuracy(const Accuracy& accuracy, const Measurement& measurement, ResultJson& result);

// Adds to `provenance`, a JSON object that says how a file was made, those parts of the result that
// are the same in every run of the same command.
void record_provenance(const ResultJson& result, std::string& provenance);

// Writes a safetensors file of the state dict, with classes and provenance. Throws io.
void write_state_dict(const TrainResult& trained, const std::string& path);

}  // namespace submask
