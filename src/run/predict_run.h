// One run of `submask predict`: images labelled by one or more tasks over one backbone.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <submask/run.h>

#include "run/result_json.h"

namespace submask {

struct PredictSpec {
  BackboneSettings backbone;
  ComputeSettings compute;
  InputSettings input;
  DecodeRules decode;
  std::vector<std::string> tasks;  // task or cascade files; none: the backbone's own classifier
  CascadeMode mode = CascadeMode::unconditional;  // of the cascade files
  std::string classes;  // file with the names of the backbone's own classes; "": their numbers
  std::vector<std::string> images;  // image files
  int64_t top = 5;                  // classes to name
};

// Returns {backbone, images: [{image, predictions: [{task, classes: [{label, probability}]}]}],
// bad_images, damaged_images, notes}. Images that do not decode are left out of the predictions
// only with InputSettings::skip_bad_images. Throws as Runner::run().
ResultJson predict_images(const PredictSpec& spec);

}  // namespace submask
