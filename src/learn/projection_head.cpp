#include "learn/projection_head.h"

#include <cmath>

#include <ATen/ATen.h>

#include "mask/update_state.h"
#include "parallel/batch_norm.h"

namespace submask {

at::Tensor uniform_start(at::IntArrayRef shape, int64_t width, Random& random,
                         at::TensorOptions options) {
  at::Tensor out = at::empty(shape, at::kFloat);
  const double bound = 1 / std::sqrt(static_cast<double>(width));
  float* values = out.data_ptr<float>();
  for (int64_t i = 0; i < out.numel(); ++i)
    values[i] = static_cast<float>(bound * (2 * random.uniform() - 1));
  return out.to(options);
}

at::Tensor unit_length_rows(const at::Tensor& rows) {
  return rows / rows.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-12);
}

ProjectionHead::ProjectionHead(int64_t in, int64_t hidden, int64_t out, Random& random,
                               at::TensorOptions options) {
  const auto linear = [&](int64_t inputs, int64_t outputs, at::Tensor& weight, at::Tensor& bias) {
    weight = uniform_start({outputs, inputs}, inputs, random, options).requires_grad_(true);
    bias = uniform_start({outputs}, inputs, random, options).requires_grad_(true);
  };
  linear(in, hidden > 0 ? hidden : out, first_weight_, first_bias_);
  if (hidden == 0) return;
  norm_weight_ = at::ones({hidden}, options).requires_grad_(true);
  norm_bias_ = at::zeros({hidden}, options).requires_grad_(true);
  running_mean_ = at::zeros({hidden}, options);
  running_var_ = at::ones({hidden}, options);
  linear(hidden, out, second_weight_, second_bias_);
}

at::Tensor ProjectionHead::forward(const at::Tensor& features) {
  constexpr double momentum = 0.1, epsilon = 1e-5;
  at::Tensor x = at::linear(features, first_weight_, first_bias_);
  if (!second_weight_.defined()) return x;
  x = batch_norm(x, {norm_weight_, norm_bias_, running_mean_, running_var_}, /*training=*/true,
                 momentum, epsilon);
  return at::linear(at::relu(x), second_weight_, second_bias_);
}

std::vector<at::Tensor> ProjectionHead::parameters() const {
  if (!second_weight_.defined()) return {first_weight_, first_bias_};
  return {first_weight_, first_bias_, norm_weight_, norm_bias_, second_weight_, second_bias_};
}

void ProjectionHead::save(const std::string& prefix, TensorMap& state) const {
  if (!running_mean_.defined()) return;
  state[prefix + "running_mean"] = running_mean_;
  state[prefix + "running_var"] = running_var_;
}

void ProjectionHead::load(const std::string& prefix, const TensorMap& state) {
  if (!running_mean_.defined()) return;
  load_state(state, prefix + "running_mean", running_mean_);
  load_state(state, prefix + "running_var", running_var_);
}

}  // namespace submask
