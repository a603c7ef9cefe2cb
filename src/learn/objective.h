// The objective that a run minimises. It owns the layers that are learned on top of the backbone (a
// head; without labels a projection and prototypes) and their optimisers. All objectives use one
// training loop.
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
  at::Tensor labels;  // int64 [N]; an objective without labels does not read them
};

struct ObjectiveOutcome {
  at::Tensor loss;      // scalar with autograd: a weighted mean over this process's images
  double weight = 0;    // the sum of their weights
  int64_t correct = 0;  // right predictions among them; 0 for an objective without labels
};

// Shares of the full rates, and of the run, at one step.
struct StepShares {
  double weights = 1;  // rate of the backbone and of heads that warm up with it
  double head = 1;     // rate of layers without a warm-up
  double run = 0;      // share of the run that was done before the step, [0, 1)
};

// Advice for runs without labels that learn nothing: sentences that name the objective's options.
struct SelfSupervisedAdvice {
  std::string uniform;    // for a loss that stays at that of a guess
  std::string collapsed;  // for projections that are all alike
};

class Objective {
 public:
  virtual ~Objective() = default;

  // `epoch` counts from 0. `resumed`: the run goes on in the middle of the epoch, after load().
  virtual void start_epoch(int64_t /*epoch*/, bool /*resumed*/) {}
  // Returns the loss of this process's share of a batch; the caller calls backward().
  virtual ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) = 0;
  // Updates the layers that the objective owns. The backbone's weights must be updated before.
  virtual void step(const StepShares& shares) = 0;
  virtual void save(TensorMap& state) const = 0;
  virtual void load(const TensorMap& state) = 0;
  // The parameters of these layers, which get gradients.
  virtual std::vector<at::Tensor> parameters() const = 0;

  // The option of the rate by which the layers that it owns learn.
  virtual const char* rate_option() const { return "--head-rate"; }

  // The head that the task keeps, on the CPU; none for an objective without labels.
  virtual std::optional<Head> head() const { return std::nullopt; }

  // Measurements over the epoch so far; none for an objective with labels.
  virtual std::optional<SelfSupervisedProgress> progress() const { return std::nullopt; }
  virtual SelfSupervisedAdvice advice() const { return {}; }
  // Returns sentences for the user about settings that do not suit this number of training images.
  virtual std::vector<std::string> doubts(int64_t /*images*/) const { return {}; }
};

// Cross-entropy of a head on pooled features, with label smoothing and class weights. Throws
// invalid_argument for HeadKind::clip without a head of shape [classes, feature width].
std::unique_ptr<Objective> make_supervised_objective(const BackboneInfo& backbone,
                                                     const Dataset& train,
                                                     const TrainSettings& settings,
                                                     const at::Device& device);

// Functions for the objectives with several crops an image (objective_registry.h).

// Returns features float32 [crops * N, D], crop by crop. The crops of one kind go through the
// network in one pass.
at::Tensor features_of_crops(Backbone& backbone, const std::vector<at::Tensor>& crops);

// Returns the number of crops of all kinds that one image has.
int64_t crops_an_image(const std::vector<CropRecipe>& kinds);

}  // namespace submask
