// A fine-tune whose changes take a small form in the middle of the run and go on learning in it.
#pragma once

#include <vector>

#include "adapter/adapter_optimizer.h"

namespace submask {

class CompressedFineTune : public AdapterOptimizer {
 public:
  CompressedFineTune(std::vector<ParameterRows> tensors, const UpdateSettings& update);

  void step(double rate) override;
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;
  void start_epoch(int64_t epoch, int64_t epochs) override;
  bool has_its_form() const override { return is_compressed_; }

 protected:
  struct Tensor {
    ParameterRows rows;
    UpdateState state;  // of all weights
    at::Tensor bits;    // Bool, the rows' shape: what the form says of each weight

    at::Tensor change() const { return rows.weight() - rows.theta; }
  };

  // Sets `bits`, and w to the form's.
  virtual void compress() = 0;
  // Updates one tensor in its form. `gradient` is that of w.
  virtual void step_compressed(size_t tensor, const at::Tensor& gradient, double rate) = 0;

  std::vector<UnitMask> bits() const;

  std::vector<Tensor> tensors_;

 private:
  bool is_compressed_ = false;
};

}  // namespace submask
