// Mask learning as an optimiser (DESIGN: the one idea that shapes the code).
//
// The network's parameter tensor w is what autograd sees. A MaskOptimizer keeps theta and a score
// per weight beside it and writes w = c * theta * m in place after each step; a DenseOptimizer
// moves w itself. Both take the gradients that backward() left in the parameters and clear them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/mask.h>
#include <submask/weight_file.h>

#include "mask/update_state.h"

namespace submask {

class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // Updates the parameters once from their gradients, and clears the gradients. A parameter without
  // a gradient stays as it is.
  virtual void step(double rate) = 0;

  // The state that a resumed run needs, under names that start with `prefix`. load() throws
  // corrupt_file where it is missing or has another shape or dtype.
  virtual void save(const std::string& prefix, TensorMap& state) const = 0;
  virtual void load(const std::string& prefix, const TensorMap& state) = 0;
};

// Rows [row_begin, row_end) of a leaf parameter. `theta` has the rows' shape, dtype and device. An
// optimiser writes to the parameter's storage and never to theta's.
struct ParameterRows {
  std::string name;
  at::Tensor parameter;
  at::Tensor theta;
  int64_t row_begin = 0;
  int64_t row_end = 0;

  at::Tensor weight() const;    // a view without autograd
  at::Tensor gradient() const;  // contiguous; the parameter must have one
};

// Rows that are learned through a mask. `score` is as theta.
struct MaskedTensor : ParameterRows {
  at::Tensor score;
};

class MaskOptimizer : public Optimizer {
 public:
  // Computes the first masks from the scores and writes the first w. Throws invalid_argument for
  // tensors that are not contiguous, or a score of another shape than theta.
  MaskOptimizer(std::vector<MaskedTensor> tensors, const Criterion& criterion,
                const UpdateSettings& settings, const ScorePull& pull = {});
  ~MaskOptimizer() override;

  void step(double rate) override;
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

  // Takes unit rates from the first step on (submask/mask.h); the pull does not change by them.
  void use_unit_rates() { unit_rates_ = true; }

  // Changes the criterion, as a schedule does, and computes masks and w again.
  void set_criterion(const Criterion& criterion);

  // The pull on each weight of a unit, in units of ScorePull::height; without them it is 1 on all.
  // `prices` is float32, of the rows' shape.
  void set_prices(size_t unit, const at::Tensor& prices);
  // Changes the height of the pull.
  void set_pull(double height) { pull_.height = height; }

  // From now on each step goes through ATen and never through the fused kernels. Tests and
  // benchmarks compare the two.
  void disable_fused_kernels() { fused_allowed_ = false; }

  size_t size() const { return units_.size(); }  // number of MaskedTensors, which `unit` indexes
  const std::string& name(size_t unit) const;
  at::Tensor mask(size_t unit) const;  // Bool, the rows' shape
  at::Tensor theta(size_t unit) const;
  at::Tensor score(size_t unit) const;  // the optimiser's own tensor, not a copy
  double scale(size_t unit) const;      // c
  double masked_fraction() const;       // over the weights of all units

 private:
  struct Unit;
  bool can_fuse(const Unit& unit) const;
  double pull_at(double rate) const { return pull_.height * rate / settings_.rate; }
  double unit_rate(Unit& unit, const at::Tensor& gradient, double rate) const;
  void step_fused(Unit& unit, const at::Tensor& gradient, double rate);
  void cut_and_materialise(Unit& unit);

  std::vector<std::unique_ptr<Unit>> units_;
  Criterion criterion_;
  UpdateSettings settings_;
  ScorePull pull_;
  bool fused_allowed_ = true;
  bool unit_rates_ = false;
};

class DenseOptimizer : public Optimizer {
 public:
  // The parameters are leaves. Each step writes to their storage.
  DenseOptimizer(std::vector<at::Tensor> parameters, const UpdateSettings& settings);

  void step(double rate) override;
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

 private:
  std::vector<at::Tensor> parameters_;
  std::vector<UpdateState> states_;
};

}  // namespace submask
