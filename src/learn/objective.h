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
#include <submask/head.h>
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

// At a step: shares of the full rates, and of the run.
struct StepShares {
  double weights = 1;  // of the backbone's rate, and of whatever follows its warm-up
  double head = 1;     // without the warm-up
  double run = 0;      // that was done before the step, [0, 1)
};

// What may help where learning without labels goes nowhere: sentences that name the objective's
// own options.
struct SelfSupervisedAdvice {
  std::string uniform;    // the loss stays that of a guess
  std::string collapsed;  // all projections are alike
};

class Objective {
 public:
  virtual ~Objective() = default;

  // From 0. `goes_on`: in the middle of it, after load().
  virtual void start_epoch(int64_t /*epoch*/, bool /*goes_on*/) {}
  virtual ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) = 0;
  // After the backbone's weights have moved.
  virtual void step(const StepShares& shares) = 0;
  virtual void save(TensorMap& state) const = 0;
  virtual void load(const TensorMap& state) = 0;

  // The head a task keeps, on the CPU.
  virtual std::optional<Head> head() const { return std::nullopt; }

  // Where nothing is learned from labels: how it goes, over the epoch so far, ...
  virtual std::optional<SelfSupervisedProgress> progress() const { return std::nullopt; }
  // ... what to do where it does not, and what so many images will not do well with.
  virtual SelfSupervisedAdvice advice() const { return {}; }
  virtual std::vector<std::string> doubts(int64_t /*images*/) const { return {}; }
};

// Cross-entropy of a head on pooled features, with label smoothing and class weights.
std::unique_ptr<Objective> make_supervised_objective(const BackboneInfo& backbone,
                                                     const Dataset& train,
                                                     const TrainSettings& settings,
                                                     const at::Device& device);

// Parts of objectives over several crops an image (objective_registry.h names these).

// float32 [crops * N, D], crop by crop; crops of one size go through the network in one pass.
at::Tensor features_of_crops(Backbone& backbone, const std::vector<at::Tensor>& crops);

int64_t crops_an_image(const std::vector<CropRecipe>& kinds);

}  // namespace submask
