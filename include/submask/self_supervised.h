// Settings of the objectives that need no labels.
#pragma once

#include <cstdint>
#include <vector>

namespace submask {

// SwAV (Caron and others 2020, "Unsupervised learning of visual features by contrasting cluster
// assignments"): crops of an image predict each other's assignment to prototypes. Names as in its
// authors' code.
struct SwavSettings {
  int64_t hidden_mlp = 2048;  // width of the projection's hidden layer; 0: one linear layer
  int64_t feat_dim = 128;     // of the projection
  int64_t nmb_prototypes = 500;
  double epsilon = 0.05;  // of Sinkhorn-Knopp's entropy
  int64_t sinkhorn_iterations = 3;
  double temperature = 0.1;
  std::vector<int64_t> crops_for_assign{0, 1};  // crops of the first kind that assign
  int64_t queue_length = 512;             // earlier projections that are assigned along; 0: none
  int64_t epoch_queue_starts = -1;        // from 0; -1: after a fifth of the epochs
  int64_t freeze_prototypes_niters = -1;  // steps; -1: the first epoch's
};

}  // namespace submask
