// A copy of tensors that follows their values slowly, such as the teacher's weights in DINO.
#pragma once

#include <string>

#include <submask/weight_file.h>

namespace submask {

class MovingAverage {
 public:
  // Starts at the tensors' values.
  explicit MovingAverage(const TensorMap& tensors);

  // Sets each value to momentum * value + (1 - momentum) * tensor. `tensors` must have the same
  // names.
  void follow(const TensorMap& tensors, double momentum);

  const TensorMap& values() const { return values_; }  // without autograd

  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  TensorMap values_;
};

}  // namespace submask
