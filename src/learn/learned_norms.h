// Batch norms whose weights and biases learn beside a mask.
//
// In evaluation a batch norm draws a line for each channel,
//   y = weight * (x - mean) / sqrt(var + epsilon) + bias,
// which the running statistics alone can say. With
//   var'  = (var + epsilon) * (w0 / weight)^2 - epsilon
//   mean' = mean + (b0 - bias) * sqrt(var + epsilon) / weight
// the backbone's own weight w0 and bias b0 draw it too. A task file has mean' and var', so learned
// norms take no byte in it, and whoever reads it need not know of them. So that var' is not below 0
// and the numbers stay small, weight / w0 is kept within [1/4, min(4, sqrt((var + epsilon) /
// epsilon))], and a channel whose |w0| is below .001 does not learn.
#pragma once

#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/update_settings.h>

#include "mask/optimizer.h"

namespace submask {

// The names of all batch norms' weights and biases. A TorchScript program's are not among them,
// because it does not tell epsilon.
std::vector<std::string> batch_norm_parameters(const Backbone& backbone);

class LearnedNorms {
 public:
  // The parameters are bound to the network already, to be trained in place of the backbone's own.
  LearnedNorms(const Backbone& backbone, double rate);

  void step(double rate_share);  // `rate_share` of the full rate

  // Changes running statistics, by buffer name, from those with which the learned weights and
  // biases evaluate to those with which the backbone's own do the same.
  void fold(TensorMap& statistics) const;

  void save(const std::string& prefix, TensorMap& state) const;
  void load(const std::string& prefix, const TensorMap& state);

 private:
  struct Norm {
    std::string name;
    at::Tensor weight, bias;              // [C], learned
    at::Tensor first_weight, first_bias;  // of the backbone
    at::Tensor learns;                    // Bool, [C]
    at::Tensor variance;                  // running, as the network has it
    double epsilon;
  };
  static std::vector<Norm> norms_of(const Backbone& backbone);
  static std::vector<at::Tensor> parameters_of(const std::vector<Norm>& norms);

  std::vector<Norm> norms_;
  double rate_;
  DenseOptimizer optimizer_;
};

}  // namespace submask
