// The parts that all results have, and the record of how a file was made.
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
// training images), test_digest, seed, commit and, where there are validation images or files that
// were passed over, validation_digest and passed_over.
ResultJson result_header(const std::string& method, const Backbone& backbone,
                         const DataOrigin& data);

// Returns [{what, count, first, loss}]; PassedOver says what these are.
ResultJson passed_over_json(const std::vector<PassedOver>& passed_over);

// Adds damaged_images, the names of images that were damaged and decoded all the same, and notes
// their number. Adds nothing where there are none.
void add_damaged_images(const DataSplits& data, const RunHooks& hooks, ResultJson& result);

// Adds accuracy, mean_class_accuracy, n and, where images were skipped, bad_images.
void add_accuracy(const Accuracy& accuracy, const Measurement& measurement, ResultJson& result);

// `provenance` is a JSON object that says how a file was made. Adds those parts of the result that
// are the same in every run of the same command.
void record_provenance(const ResultJson& result, std::string& provenance);

// Returns about how many bytes that adds to the task file of a run that learns.
int64_t provenance_bytes(const RunSpec& spec);

// Writes a safetensors file of the state dict, with classes and provenance. Throws io.
void write_state_dict(const TrainResult& trained, const std::string& path);

}  // namespace submask
