// The layers that self-supervision learns on top of a backbone's features and throws away.
#pragma once

#include <string>

#include <ATen/core/Tensor.h>

#include <submask/weight_file.h>

#include "base/random.h"

namespace submask {

// Linear, batch norm, ReLU, linear (or one linear layer where `hidden` is 0), started as PyTorch
// starts them. Parameters are leaves that require gradients.
class ProjectionHead {
 public:
  ProjectionHead(int64_t in, int64_t hidden, int64_t out, Random& random,
                 at::TensorOptions options);

  at::Tensor forward(
      const at::Tensor& features);  // [N, in] -> [N, out]; N >= 2 with a hidden layer

  std::vector<at::Tensor> parameters() const;
  void save(const std::string& prefix, TensorMap& state) const;  // batch norm's statistics
  void load(const std::string& prefix, const TensorMap& state);

 private:
  at::Tensor first_weight_, first_bias_, norm_weight_, norm_bias_, second_weight_, second_bias_;
  at::Tensor running_mean_, running_var_;
};

// Uniform in +-1/sqrt(`width`), torch.nn.Linear's start.
at::Tensor uniform_start(at::IntArrayRef shape, int64_t width, Random& random,
                         at::TensorOptions options);

// Rows of length 1, with PyTorch's guard against rows of zeros.
at::Tensor unit_rows(const at::Tensor& rows);

}  // namespace submask
