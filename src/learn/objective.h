// What a run minimises. An objective owns whatever is learned beside the backbone's weights (a
// head; for self-supervision a projection and prototypes) and how that is optimised; the loop is
// the same for all.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/train.h>

namespace submask {

struct ObjectiveBatch {
  // One tensor for each kind of crops, normalised float32 [count * N, 3, S, S], crop by crop.
  std::vector<at::Tensor> crops;
  at::Tensor labels;  // int64 [N]; an objective without labels leaves them alone
};

struct ObjectiveOutcome {
  at::Tensor loss;      // scalar with autograd
  int64_t correct = 0;  // right predictions in the batch, where labels are learned from
};

// Shares of the full rates at a step.
struct RateShares {
  double weights = 1;  // of the backbone's, and of whatever follows their warm-up
  double head = 1;     // without the warm-up
};

class Objective {
 public:
  virtual ~Objective() = default;

  // From 0. `goes_on`: in the middle of it, after load().
  virtual void start_epoch(int64_t /*epoch*/, bool /*goes_on*/) {}
  virtual ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) = 0;
  virtual void step(const RateShares& shares) = 0;
  virtual void save(TensorMap& state) const = 0;
  virtual void load(const TensorMap& state) = 0;

  // The head a task keeps (head.h), float32 on the CPU; empty where there is none.
  virtual TensorMap head() const { return {}; }

  // Where nothing is learned from labels: how it goes, over the epoch so far.
  virtual std::optional<SelfSupervisedProgress> progress() const { return std::nullopt; }
};

// Cross-entropy of a head on pooled features, with label smoothing and class weights.
std::unique_ptr<Objective> make_supervised_objective(const BackboneInfo& backbone,
                                                     const Dataset& train,
                                                     const TrainSettings& settings,
                                                     const at::Device& device);

// SwAV (swav.h) for the settings' crops.
std::unique_ptr<Objective> make_swav_objective(const BackboneInfo& backbone,
                                               const TrainSettings& settings,
                                               const at::Device& device);

}  // namespace submask
