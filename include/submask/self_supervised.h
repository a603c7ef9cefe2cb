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
// assignments"): crops of an image predict each other's assignment to prototypes. Members have the
// names of the authors' code.
struct SwavSettings {
  int64_t hidden_mlp = 2048;  // width of the projection's hidden layer; 0: one linear layer
  int64_t feat_dim = 128;     // of the projection
  int64_t nmb_prototypes = 500;
  double epsilon = 0.05;  // weight of the entropy in Sinkhorn-Knopp
  int64_t sinkhorn_iterations = 3;
  double temperature = 0.1;
  std::vector<int64_t> crops_for_assign{0, 1};  // crops of the first kind that get assignments
  int64_t queue_length = 512;                 // earlier projections assigned with a batch; 0: none
  std::optional<int64_t> epoch_queue_starts;  // from 0; not set: after a fifth of the epochs
  std::optional<int64_t> freeze_prototypes_niters;  // steps; not set: the first epoch's
};

// DINO (Caron and others 2021, "Emerging properties in self-supervised vision transformers"): from
// every crop the network predicts the outputs of its teacher for the other crops of the first kind.
// The teacher is a moving average of the network. Members have the names of the authors' code.
struct DinoSettings {
  int64_t hidden_dim = 2048;     // width of the head's two hidden layers
  int64_t bottleneck_dim = 256;  // of the last layer's inputs, which have length 1
  int64_t out_dim = 4096;        // outputs of the last layer; 65,536 in the paper, for ImageNet
  double student_temp = 0.1;
  double teacher_temp = 0.04;
  double warmup_teacher_temp = 0.04;  // in the first epoch; then linearly to teacher_temp
  int64_t warmup_teacher_temp_epochs = 0;
  double center_momentum = 0.9;     // of the mean that is subtracted from the teacher's outputs
  double momentum_teacher = 0.996;  // at the start; rises to 1 by a cosine
  int64_t freeze_last_layer = 1;    // first epochs, in which the last layer does not learn
};

struct SelfSupervisedSettings {
  SelfSupervised objective = SelfSupervised::swav;
  SwavSettings swav;
  DinoSettings dino;
};

}  // namespace submask
