// Learning a cascade (cascade.h) from images alone.
//
// A dispatcher's mask is learned without labels, or given; its features are clustered; an expert's
// mask is learned from each cluster, starting where the dispatcher ended; the joined features of
// all training images give the projections. With settings.training.checkpoint every stage resumes,
// and the cascade ends in the same bits however often the run was killed. Labels are only handed
// through.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <submask/train.h>

#include "cascade/cascade.h"

namespace submask {

// What a cascade is learned with.
struct CascadeTraining : CascadeSettings {
  // Of the dispatcher and of every expert, but for the experts' epochs: method ssl-fs. Its cache
  // holds decoded images, which all stages share (not under fast_decode).
  TrainSettings training;
};

// Epochs of an expert that learns from `cluster` of `images`: those of the dispatcher times images
// / cluster, rounded, so that each costs as much as the dispatcher.
int64_t expert_epochs(int64_t images, int64_t cluster, int64_t dispatcher_epochs);

struct TrainedCascade {
  Cascade cascade;              // without heads; provenance has settings and data
  std::vector<int64_t> images;  // training images of each expert's cluster
  std::vector<int64_t> epochs;  // of each expert
  Features joined;              // of the training images: [N, (1 + K) D]
  at::Tensor routes;            // int64 [N], their experts

  // The training images' features as a mode of the cascade sees them; the dispatcher's alone.
  Features features(CascadeMode mode) const;
  Features dispatcher_features() const;
  // What the dispatcher's features alone become where they are projected as joined ones are: the
  // part of a cascade's gain that no expert has made.
  Projection dispatcher_projection() const;
};

// Throws as train() does; invalid_argument for a dispatcher of another backbone or preprocessing,
// and for a checkpoint of other settings or data.
TrainedCascade train_cascade(Backbone& backbone, const DataSplits& data,
                             const CascadeTraining& settings, const RunHooks& hooks = {});

}  // namespace submask
