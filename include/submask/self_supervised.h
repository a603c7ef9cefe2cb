// The objectives that need no labels, and their settings.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace submask {

enum class SelfSupervised { swav, dino };
constexpr auto names_of(SelfSupervised) { return std::array{"swav", "dino"}; }

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
  int64_t queue_length = 512;  // earlier projections that are assigned along; 0: none
  std::optional<int64_t> epoch_queue_starts;        // from 0; not set: after a fifth of the epochs
  std::optional<int64_t> freeze_prototypes_niters;  // steps; not set: the first epoch's
};

// DINO (Caron and others 2021, "Emerging properties in self-supervised vision transformers"): from
// every crop the network predicts what its teacher, a moving average of itself, says of the crops
// of the first kind. Names as in its authors' code.
struct DinoSettings {
  int64_t hidden_dim = 2048;     // width of the head's two hidden layers
  int64_t bottleneck_dim = 256;  // of the projections, of length 1, that the last layer sees
  int64_t out_dim = 4096;        // its outputs; 65,536 in the paper, for ImageNet
  double student_temp = 0.1;
  double teacher_temp = 0.04;
  double warmup_teacher_temp = 0.04;  // at first, and from there linearly to teacher_temp
  int64_t warmup_teacher_temp_epochs = 0;
  double center_momentum = 0.9;     // of the mean that is taken off the teacher's outputs
  double momentum_teacher = 0.996;  // at first, and from there by a cosine to 1 at the end
  int64_t freeze_last_layer = 1;    // epochs in which the last layer stays as it started
};

struct SelfSupervisedSettings {
  SelfSupervised objective = SelfSupervised::swav;
  SwavSettings swav;
  DinoSettings dino;
};

}  // namespace submask
