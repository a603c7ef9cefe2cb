#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "adapter/compressed_fine_tune.h"

namespace submask {
namespace {

// `bits` is true for weights that grew. The scale of a row starts at its mean absolute change.
class BitDelta : public CompressedFineTune {
 public:
  BitDelta(std::vector<ParameterRows> tensors, const UpdateSettings& update)
      : CompressedFineTune(std::move(tensors), update) {
    for (const Tensor& tensor : tensors_) {
      const at::Tensor scale = at::zeros({tensor.rows.theta.size(0)}, tensor.rows.theta.options());
      scales_.push_back({scale, UpdateState(update, scale)});
    }
  }

  void save(const std::string& prefix, TensorMap& state) const override {
    CompressedFineTune::save(prefix, state);
    for (size_t i = 0; i < scales_.size(); ++i) {
      const std::string name = prefix + tensors_[i].rows.name + ".scale";
      state[name] = scales_[i].value;
      scales_[i].state.save(name, state);
    }
  }

  void load(const std::string& prefix, const TensorMap& state) override {
    CompressedFineTune::load(prefix, state);
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < scales_.size(); ++i) {
      const std::string name = prefix + tensors_[i].rows.name + ".scale";
      load_state(state, name, scales_[i].value);
      scales_[i].state.load(name, state);
    }
  }

  AdapterContent content() const override {
    AdapterContent content{{}, bits()};
    for (size_t i = 0; i < scales_.size(); ++i)
      content.values[tensors_[i].rows.name] = scales_[i].value;
    return content;
  }

 private:
  struct Scale {
    at::Tensor value;  // a row each
    UpdateState state;
  };

  at::Tensor signs(size_t index) const {
    const Tensor& tensor = tensors_[index];
    return (tensor.bits.to(tensor.rows.theta.scalar_type()) * 2 - 1).flatten(1);
  }

  void write(size_t index) {
    const ParameterRows& rows = tensors_[index].rows;
    const at::Tensor change = signs(index) * scales_[index].value.unsqueeze(1);
    rows.weight().copy_(rows.theta + change.view(rows.theta.sizes()));
  }

  void compress() override {
    for (size_t i = 0; i < tensors_.size(); ++i) {
      const at::Tensor change = tensors_[i].change();
      tensors_[i].bits.copy_(change >= 0);
      scales_[i].value.copy_(change.abs().flatten(1).mean(1));
      write(i);
    }
  }

  // The mean over a row, where the gradient of its scale would be the sum: so a step moves w as far
  // as a step of all weights does along the signs, and one rate serves both halves of a run.
  void step_compressed(size_t index, const at::Tensor& gradient, double rate) override {
    const at::Tensor along = (gradient.flatten(1) * signs(index)).mean(1);
    scales_[index].state.apply(scales_[index].value, along, rate);
    write(index);
  }

  std::vector<Scale> scales_;
};

}  // namespace

std::unique_ptr<AdapterOptimizer> make_bitdelta(std::vector<ParameterRows> tensors,
                                                const UpdateSettings& update) {
  return std::make_unique<BitDelta>(std::move(tensors), update);
}

}  // namespace submask
