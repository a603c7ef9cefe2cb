// DINO's loss (section 3.1 of the paper) over the crops of a batch, with the heads of student and
// teacher and the centre of the teacher's outputs.
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/self_supervised.h>
#include <submask/weight_file.h>

#include "base/random.h"
#include "learn/moving_average.h"

namespace submask {

struct DinoLoss {
  at::Tensor loss;  // scalar with autograd
  // Of the crops that the teacher sees, without autograd: for whoever watches.
  at::Tensor targets;      // the teacher's, centred and sharpened: [T * N, K], rows sum to 1
  at::Tensor projections;  // the student's: [T * N, bottleneck_dim], of length 1
};

class Dino {
 public:
  // `crops`: crops of an image, those of the first kind first, of which there are
  // `teacher_crops`. Throws invalid_argument for settings that do not fit.
  Dino(const DinoSettings& settings, int64_t feature_width, int64_t crops, int64_t teacher_crops,
       Random& random, at::TensorOptions options);

  // student: [crops * N, D], crop by crop; teacher: [T * N, D], without autograd. The centre then
  // moves by the teacher's outputs.
  DinoLoss loss(const at::Tensor& student, const at::Tensor& teacher, double teacher_temp);

  // The teacher's head moves after the student's.
  void teach(double momentum) { teacher_head_.follow(head_, momentum); }

  std::vector<at::Tensor> hidden_parameters() const;  // of the student's head, but for
  const at::Tensor& last_layer() const;               // [K, bottleneck_dim], a leaf
  const TensorMap& teacher_head() const { return teacher_head_.values(); }
  const at::Tensor& centre() const { return centre_; }  // [1, K]

  // Teacher's head and centre; the student's parameters are their optimiser's.
  void save(TensorMap& state) const;
  void load(const TensorMap& state);

 private:
  DinoSettings settings_;
  int64_t crops_, teacher_crops_;
  TensorMap head_;
  MovingAverage teacher_head_;
  at::Tensor centre_;
};

}  // namespace submask
