// SwAV as an objective: what its projection and prototypes learn with, and how it is watched.
#include <cmath>

#include <ATen/ATen.h>

#include "learn/objective.h"
#include "learn/swav.h"
#include "mask/optimizer.h"

namespace submask {
namespace {

int64_t count_crops(const std::vector<CropRecipe>& kinds) {
  int64_t count = 0;
  for (const CropRecipe& kind : kinds) count += kind.count;
  return count;
}

UpdateSettings head_update(const TrainSettings& settings) {
  UpdateSettings update;
  update.momentum = settings.momentum;
  update.weight_decay = settings.head_weight_decay;
  return update;
}

class SwavObjective : public Objective {
 public:
  SwavObjective(const BackboneInfo& backbone, const TrainSettings& settings,
                const at::Device& device)
      : SwavObjective(backbone, settings, device, random_stream(settings.seed, Stream::head)) {}

  void start_epoch(int64_t epoch, bool goes_on) override {
    use_queue_ = settings_.queue_length > 0 && epoch >= settings_.epoch_queue_starts;
    if (goes_on) return;
    watched_ = 0;
    entropy_sum_ = spread_sum_ = 0;
    used_.zero_();
  }

  ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) override {
    std::vector<at::Tensor> features;  // crops of one size in one pass
    for (const at::Tensor& crops : batch.crops) features.push_back(backbone.features(crops));
    const SwavLoss loss = swav_.loss(at::cat(features).to(at::kFloat), use_queue_);
    watch(loss);
    return {.loss = loss.loss};
  }

  // Prototypes that are frozen for the first steps keep their momentum at nothing, too.
  void step(const RateShares& shares) override {
    projection_optimizer_.step(rate_ * shares.head);
    if (steps_++ < settings_.freeze_prototypes_niters)
      swav_.prototypes().mutable_grad().reset();
    else
      prototypes_optimizer_.step(rate_ * shares.head);
  }

  void save(TensorMap& state) const override {
    swav_.save(state);
    projection_optimizer_.save("swav.projection.", state);
    prototypes_optimizer_.save("swav.prototypes.", state);
    state["swav.steps"] = at::scalar_tensor(steps_, at::kLong);
    state["swav.used"] = used_;
    state["swav.watched"] =
        at::tensor({static_cast<double>(watched_), entropy_sum_, spread_sum_}, at::kDouble);
  }

  void load(const TensorMap& state) override {
    swav_.load(state);
    projection_optimizer_.load("swav.projection.", state);
    prototypes_optimizer_.load("swav.prototypes.", state);
    at::Tensor steps = at::zeros({}, at::kLong), watched = at::zeros({3}, at::kDouble);
    load_state(state, "swav.steps", steps);
    load_state(state, "swav.used", used_);
    load_state(state, "swav.watched", watched);
    steps_ = steps.item<int64_t>();
    watched_ = static_cast<int64_t>(watched[0].item<double>());
    entropy_sum_ = watched[1].item<double>();
    spread_sum_ = watched[2].item<double>();
  }

  std::optional<SelfSupervisedProgress> progress() const override {
    SelfSupervisedProgress progress;
    progress.uniform_loss = std::log(static_cast<double>(settings_.nmb_prototypes));
    const auto batches = static_cast<double>(std::max<int64_t>(watched_, 1));
    progress.assignment_entropy = entropy_sum_ / batches;
    progress.spread = spread_sum_ / batches;
    progress.prototypes_in_use = used_.to(at::kDouble).mean().item<double>();
    return progress;
  }

 private:
  SwavObjective(const BackboneInfo& backbone, const TrainSettings& settings,
                const at::Device& device, Random random)
      : settings_(settings.swav),
        rate_(settings.head_rate),
        swav_(settings.swav, backbone.feature_width, count_crops(settings.crops),
              settings.crops.front().count, random, device),
        projection_optimizer_(swav_.projection_parameters(), head_update(settings)),
        prototypes_optimizer_({swav_.prototypes()}, head_update(settings)),
        used_(at::zeros({settings.swav.nmb_prototypes},
                        at::TensorOptions(at::kBool).device(device))) {}

  void watch(const SwavLoss& loss) {
    const at::NoGradGuard no_grad;
    const at::Tensor& q = loss.assignments;
    used_.index_fill_(0, q.argmax(1), true);
    entropy_sum_ += -(q * q.clamp_min(1e-30).log()).sum(1).mean().item<double>();
    const double width = static_cast<double>(settings_.feat_dim);
    spread_sum_ +=
        loss.projections.var(0, /*unbiased=*/false).mean().mul(width).sqrt().item<double>();
    ++watched_;
  }

  SwavSettings settings_;
  double rate_;
  Swav swav_;
  DenseOptimizer projection_optimizer_, prototypes_optimizer_;
  bool use_queue_ = false;
  int64_t steps_ = 0;
  at::Tensor used_;      // Bool [K], in this epoch
  int64_t watched_ = 0;  // batches of this epoch
  double entropy_sum_ = 0, spread_sum_ = 0;
};

}  // namespace

std::unique_ptr<Objective> make_swav_objective(const BackboneInfo& backbone,
                                               const TrainSettings& settings,
                                               const at::Device& device) {
  return std::make_unique<SwavObjective>(backbone, settings, device);
}

}  // namespace submask
