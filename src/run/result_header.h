// What every result says, and what the files say of their making.
#pragma once

#include <string>

#include <submask/run.h>

#include "evaluate/measurement.h"
#include "run/result_json.h"

namespace submask {

struct DataOrigin {
  std::string spec;    // DataOptions::spec
  std::string digest;  // of the training images
  uint64_t seed = 0;
};

// What made a number: method, backbone, weights_identity, data, data_digest, seed, commit.
ResultJson result_header(const std::string& method, const Backbone& backbone,
                         const DataOrigin& data);

// accuracy, mean_class_accuracy, n, bad_images (where some were skipped).
void add_accuracy(const Accuracy& accuracy, const Measurement& measurement, ResultJson& result);

// The numbers of a result that do not differ between two runs of the same command, into a JSON
// object that says how a file was made.
void record_provenance(const ResultJson& result, std::string& provenance);

// A state dict with its classes and provenance.
void write_state_dict(const TrainResult& trained, const std::string& path);

}  // namespace submask
