#include <ATen/ATen.h>

#include "adapter/compressed_fine_tune.h"
#include "mask/criterion.h"

namespace submask {
namespace {

// `bits` is true for weights that stay as they were pretrained: like a mask's, most are.
class Sparse : public CompressedFineTune {
 public:
  Sparse(std::vector<ParameterRows> tensors, const AdapterSettings& settings,
         const UpdateSettings& update)
      : CompressedFineTune(std::move(tensors), update), changed_share_(settings.changed_share) {}

  AdapterContent content() const override {
    AdapterContent content{{}, bits()};
    for (const Tensor& tensor : tensors_)
      content.values[tensor.rows.name] =
          tensor.change().masked_select(tensor.bits.logical_not()).view({1, -1});
    return content;
  }

 private:
  // The largest changes of all tensors together.
  void compress() override {
    std::vector<at::Tensor> changes;
    for (const Tensor& tensor : tensors_) changes.push_back(tensor.change().abs().flatten());
    const Criterion largest{.kind = CriterionKind::topk, .keep_share = changed_share_};
    const at::Tensor changed = criterion_mask(largest, at::cat(changes));
    int64_t begin = 0;
    for (Tensor& tensor : tensors_) {
      const int64_t count = tensor.bits.numel();
      tensor.bits.copy_(changed.narrow(0, begin, count).view(tensor.bits.sizes()).logical_not());
      begin += count;
      tensor.state.first_moment().masked_fill_(tensor.bits, 0);
      hold(tensor);
    }
  }

  void step_compressed(size_t index, const at::Tensor& gradient, double rate) override {
    Tensor& tensor = tensors_[index];
    at::Tensor weight = tensor.rows.weight();
    tensor.state.apply(weight, gradient.masked_fill(tensor.bits, 0), rate);
    hold(tensor);
  }

  static void hold(const Tensor& tensor) {
    const at::Tensor weight = tensor.rows.weight();
    weight.copy_(at::where(tensor.bits, tensor.rows.theta, weight));
  }

  double changed_share_;
};

}  // namespace

std::unique_ptr<AdapterOptimizer> make_sparse(std::vector<ParameterRows> tensors,
                                              const AdapterSettings& settings,
                                              const UpdateSettings& update) {
  return std::make_unique<Sparse>(std::move(tensors), settings, update);
}

}  // namespace submask
