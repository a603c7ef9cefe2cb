// Learns a cascade (cascade.h) from images alone.
//
// First the dispatcher's mask is learned without labels, or read from a task file. Then its
// features are clustered, and an expert's mask is learned from each cluster, starting where the
// dispatcher ended. Last, the projections are fitted to the joined features of all training images.
// With settings.training.checkpoint every stage can be resumed, and the cascade has the same bits
// however often the run was killed. Labels are only copied to the result.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <submask/train.h>

#include "cascade/cascade.h"

namespace submask {

// All settings with which a cascade is learned.
struct CascadeTraining : CascadeSettings {
  // For the dispatcher and every expert; experts have epochs of their own. The method is ssl-fs.
  // The cache holds decoded images, which all stages share (not with fast_decode).
  TrainSettings training;
};

// Returns the epochs of an expert that learns from `cluster` of `images` images: dispatcher_epochs
// * images / cluster, rounded, so that each expert costs as much as the dispatcher.
int64_t expert_epochs(int64_t images, int64_t cluster, int64_t dispatcher_epochs);

struct TrainedCascade {
  Cascade cascade;              // without heads; provenance has settings and data
  std::vector<int64_t> images;  // training images of each expert's cluster
  std::vector<int64_t> epochs;  // of each expert
  Features joined;              // of the training images: [N, (1 + K) D]
  at::Tensor routes;            // int64 [N], their experts

  // Features of the training images: projected as in this mode, or the dispatcher's alone.
  Features features(CascadeMode mode) const;
  Features dispatcher_features() const;
  // A projection of the dispatcher's features alone, fitted in the way of joined ones. It shows the
  // part of a cascade's gain that is not due to the experts.
  Projection dispatcher_projection() const;
};

// Throws as train() does; invalid_argument for a dispatcher of another backbone or preprocessing,
// and for a checkpoint of other settings or data.
TrainedCascade train_cascade(Backbone& backbone, const DataSplits& data,
                             const CascadeTraining& settings, const RunHooks& hooks = {});

}  // namespace submask
