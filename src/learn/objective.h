// What a run minimises. An objective owns whatever is learned beside the backbone's weights (a
// head; for self-supervision a projection and prototypes) and how that is optimised; the loop is
// the same for all.
#pragma once

#include <memory>
#include <string>

#include <ATen/core/Tensor.h>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/train.h>

namespace submask {

struct ObjectiveOutcome {
  at::Tensor loss;      // scalar with autograd
  int64_t correct = 0;  // right predictions in the batch
};

class Objective {
 public:
  virtual ~Objective() = default;

  // images: normalised float32 [N, 3, S, S]; labels: int64 [N].
  virtual ObjectiveOutcome evaluate(Backbone& backbone, const at::Tensor& images,
                                    const at::Tensor& labels) = 0;
  virtual void step(double rate_share) = 0;
  virtual void save(TensorMap& state) const = 0;
  virtual void load(const TensorMap& state) = 0;

  // The head a task keeps (head.h), float32 on the CPU; empty where there is none.
  virtual TensorMap head() const = 0;
};

// Cross-entropy of a head on pooled features, with label smoothing and class weights.
std::unique_ptr<Objective> make_supervised_objective(const BackboneInfo& backbone,
                                                     const Dataset& train,
                                                     const TrainSettings& settings,
                                                     const at::Device& device);

}  // namespace submask
