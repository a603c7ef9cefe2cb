// The weights of the backbone that a run learns: masks over frozen weights (fs, ssl-fs), weights
// themselves (fft, ssl-ft, norm, bias) or small changes of them (lora, sparse, bitdelta). They are
// bound to the network while the object lives; its destruction binds the backbone's own weights
// again.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>

#include <submask/task_file.h>
#include <submask/train.h>

#include "adapter/adapter_optimizer.h"
#include "learn/byte_price.h"
#include "learn/byte_target.h"
#include "learn/learned_norms.h"
#include "learn/objective.h"
#include "mask/optimizer.h"
#include "mask/weight_set.h"

namespace submask {

// The start in memory or in a task file; null where learning starts anew. Throws as read_task() and
// check_task_fits() do.
std::shared_ptr<const LearnedStart> learned_start(const TrainSettings& settings,
                                                  const Backbone& backbone);

class LearnedWeights {
 public:
  // Throws as select_units() does, and as read_task() and check_task_fits() for the task to start
  // from.
  LearnedWeights(Backbone& backbone, const TrainSettings& settings);
  ~LearnedWeights();
  LearnedWeights(const LearnedWeights&) = delete;
  LearnedWeights& operator=(const LearnedWeights&) = delete;

  // An epoch counts from 0. One that is resumed has what it began with from the checkpoint.
  void start_epoch(int64_t epoch, bool resumed);
  void step(const StepShares& shares);
  double masked_fraction() const;

  // Scores or weights, optimiser state and batch-norm statistics.
  void save(TensorMap& state) const;
  void load(const TensorMap& state);

  // The network's parameters that get gradients, from its first layers to its last, by their names.
  std::vector<at::Tensor> parameters() const;
  // The running statistics: float tensors that forward passes change.
  std::vector<at::Tensor> running_statistics() const;
  // A hash of what is learned: the bits of masks, or else the weights.
  std::string digest() const;

  // Whether small changes are in the form of their method, and not all weights' yet.
  bool has_its_form() const;
  AdapterContent content() const;  // where no masks are learned

  ByteTarget* byte_target() { return target_ ? &*target_ : nullptr; }  // null: none is set

  std::vector<UnitMask> masks() const;  // empty where no masks are learned
  TensorMap scores() const;             // by unit name, CPU copies; empty as masks() is
  // running_mean and running_var with which the backbone's own norms evaluate as the network does
  // now.
  TensorMap statistics() const;
  TensorMap state_dict() const;  // every parameter and buffer as it is now, CPU copies

 private:
  void learn_masks();
  void learn_small_change();
  void learn_weights();
  void bind(const std::set<std::string>& learned);
  void start_from(const TensorMap& values);
  ParameterRows rows_of(const MaskUnit& unit, const TensorMap& parameters) const;
  at::Tensor first_scores(const MaskUnit& unit, const at::Tensor& theta, uint64_t index,
                          const LearnedStart* from) const;

  Backbone& backbone_;
  TrainSettings settings_;
  WeightSet weights_;
  std::unique_ptr<WeightBinding> binding_;
  std::unique_ptr<Optimizer> optimizer_;
  MaskOptimizer* mask_optimizer_ = nullptr;  // optimizer_ where masks are learned, else null
  std::optional<LearnedNorms> norms_;
  std::optional<BytePrice> price_;
  std::optional<ByteTarget> target_;
  AdapterOptimizer* adapter_ = nullptr;  // optimizer_ where small changes are, else null
};

}  // namespace submask
