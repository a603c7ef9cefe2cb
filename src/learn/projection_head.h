// The layers that an objective without labels learns on top of a backbone's features. A task does
// not keep them.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

#include "base/random.h"

namespace submask {

// Linear, batch norm, ReLU, linear, or one linear layer where `hidden` is 0. All start as PyTorch
// starts such layers. Parameters are leaves that require gradients.
class ProjectionHead {
 public:
  ProjectionHead(int64_t in, int64_t hidden, int64_t out, Random& random,
                 at::TensorOptions options);

  // [N, in] -> [N, out], with autograd; N must be at least 2 with a hidden layer.
  at::Tensor forward(const at::Tensor& features);

  std::vector<at::Tensor> parameters() const;
  // The running statistics of batch norm; the optimiser saves the parameters.
  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  at::Tensor first_weight_, first_bias_, norm_weight_, norm_bias_, second_weight_, second_bias_;
  at::Tensor running_mean_, running_var_;
};

// Returns a tensor of values that are uniform in +-1/sqrt(`width`), as torch.nn.Linear starts its
// weights and biases.
at::Tensor uniform_start(at::IntArrayRef shape, int64_t width, Random& random,
                         at::TensorOptions options);

// Scales the rows to length 1. A length below 1e-12 counts as 1e-12, as in PyTorch's normalize().
at::Tensor unit_length_rows(const at::Tensor& rows);

}  // namespace submask
