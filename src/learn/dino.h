// DINO's loss (section 3.1 of the paper) over the crops of a batch. Owns the heads of student and
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
  // For measurements, without autograd, of the crops that the teacher sees.
  at::Tensor targets;      // teacher's outputs, centred and sharpened: [T * N, K], rows sum to 1
  at::Tensor projections;  // student's: [T * N, bottleneck_dim], of length 1
};

// Returns the settings. Throws invalid_argument for those that do not fit an image's `crops`.
const DinoSettings& check_dino(const DinoSettings& settings, int64_t crops);

class Dino {
 public:
  // An image has `crops` crops; the first `teacher_crops` (T) of them are of the first kind and go
  // to the teacher. Throws as check_dino().
  Dino(const DinoSettings& settings, int64_t feature_width, int64_t crops, int64_t teacher_crops,
       Random& random, at::TensorOptions options);

  // `student` are features [crops * N, D], crop by crop; `teacher` [T * N, D], without autograd.
  // The centre then moves towards the mean of the teacher's outputs.
  DinoLoss loss(const at::Tensor& student, const at::Tensor& teacher, double teacher_temp);

  // Moves the teacher's head towards the student's.
  void update_teacher(double momentum) { teacher_head_.follow(head_, momentum); }

  // The parameters of the student's head, without the last layer.
  std::vector<at::Tensor> hidden_parameters() const;
  const at::Tensor& last_layer() const;  // of the student's head: [K, bottleneck_dim], a leaf
  const TensorMap& teacher_head() const { return teacher_head_.values(); }
  const at::Tensor& centre() const { return centre_; }  // [1, K]

  // The teacher's head and the centre; the optimiser saves the student's parameters.
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
