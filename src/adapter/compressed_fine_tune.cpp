#include "adapter/compressed_fine_tune.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <submask/task.h>

namespace submask {

CompressedFineTune::CompressedFineTune(std::vector<ParameterRows> tensors,
                                       const UpdateSettings& update) {
  for (ParameterRows& rows : tensors) {
    const at::Tensor bits = at::zeros(rows.theta.sizes(), rows.theta.options().dtype(at::kBool));
    UpdateState state(update, rows.theta);
    tensors_.push_back({std::move(rows), std::move(state), bits});
  }
}

void CompressedFineTune::step(double rate) {
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < tensors_.size(); ++i) {
    Tensor& tensor = tensors_[i];
    if (!tensor.rows.parameter.grad().defined()) continue;
    const at::Tensor gradient = tensor.rows.gradient();
    if (is_compressed_) {
      step_compressed(i, gradient, rate);
    } else {
      at::Tensor weight = tensor.rows.weight();
      tensor.state.apply(weight, gradient, rate);
    }
  }
  for (Tensor& tensor : tensors_) tensor.rows.parameter.mutable_grad().reset();
}

void CompressedFineTune::start_epoch(int64_t epoch, int64_t epochs) {
  if (is_compressed_ || epoch < (epochs + 1) / 2) return;
  const at::NoGradGuard no_grad;
  compress();
  is_compressed_ = true;
}

void CompressedFineTune::save(const std::string& prefix, TensorMap& state) const {
  state[prefix + "compressed"] = at::full({}, is_compressed_ ? 1 : 0, at::kLong);
  for (const Tensor& tensor : tensors_) {
    const std::string name = prefix + tensor.rows.name;
    state[name + ".value"] = tensor.rows.weight();
    state[name + ".bits"] = tensor.bits;
    tensor.state.save(name, state);
  }
}

void CompressedFineTune::load(const std::string& prefix, const TensorMap& state) {
  const at::NoGradGuard no_grad;
  at::Tensor compressed = at::zeros({}, at::kLong);
  load_state(state, prefix + "compressed", compressed);
  is_compressed_ = compressed.item<int64_t>() != 0;
  for (Tensor& tensor : tensors_) {
    const std::string name = prefix + tensor.rows.name;
    at::Tensor weight = tensor.rows.weight();
    load_state(state, name + ".value", weight);
    load_state(state, name + ".bits", tensor.bits);
    tensor.state.load(name, state);
  }
}

std::vector<UnitMask> CompressedFineTune::bits() const {
  std::vector<UnitMask> units;
  for (const Tensor& tensor : tensors_) units.push_back(pack_mask(tensor.rows.name, tensor.bits));
  return units;
}

}  // namespace submask
