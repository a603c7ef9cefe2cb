// SwAV as an objective: the optimisers of its projection and prototypes, and its measurements.
#include <algorithm>

#include <ATen/ATen.h>

#include "base/fail.h"
#include "learn/assignment_meter.h"
#include "learn/objective_registry.h"
#include "learn/swav.h"
#include "mask/optimizer.h"

namespace submask {
namespace {

class SwavObjective : public Objective {
 public:
  SwavObjective(const BackboneInfo& backbone, const TrainSettings& settings,
                const at::Device& device)
      : SwavObjective(backbone, settings, device, random_stream(settings.seed, Stream::head)) {}

  void start_epoch(int64_t epoch, bool resumed) override {
    use_queue_ = settings_.queue_length > 0 && epoch >= settings_.epoch_queue_starts;
    if (!resumed) meter_.start_epoch();
  }

  ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) override {
    const SwavLoss loss = swav_.loss(features_of_crops(backbone, batch.crops), use_queue_);
    meter_.add(loss.assignments, loss.projections);
    return {.loss = loss.loss, .weight = static_cast<double>(batch.labels.numel())};
  }

  // While the prototypes are frozen, their optimiser gathers no momentum either.
  void step(const StepShares& shares) override {
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
    meter_.save("swav.", state);
    state["swav.steps"] = at::scalar_tensor(steps_, at::kLong);
  }

  void load(const TensorMap& state) override {
    swav_.load(state);
    projection_optimizer_.load("swav.projection.", state);
    prototypes_optimizer_.load("swav.prototypes.", state);
    meter_.load("swav.", state);
    at::Tensor steps = at::zeros({}, at::kLong);
    load_state(state, "swav.steps", steps);
    steps_ = steps.item<int64_t>();
  }

  std::vector<at::Tensor> parameters() const override {
    std::vector<at::Tensor> parameters = swav_.projection_parameters();
    parameters.push_back(swav_.prototypes());
    return parameters;
  }

  std::optional<SelfSupervisedProgress> progress() const override { return meter_.progress(); }

  SelfSupervisedAdvice advice() const override {
    return {"A higher --head-rate or --rate, a lower --temperature or larger crops may help",
            "A lower --rate, or a longer --freeze-prototypes-niters, may help"};
  }

  std::vector<std::string> doubts(int64_t images) const override {
    const int64_t prototypes = settings_.nmb_prototypes;
    const int64_t assigned_together = std::min(batch_size_, images) + settings_.queue_length;
    std::vector<std::string> doubts;
    if (images < prototypes)
      doubts.push_back(text(images, " images for ", prototypes,
                            " prototypes: most of them will stand for one image; ",
                            "--nmb-prototypes ", std::max<int64_t>(2, images / 10),
                            " or so suits them"));
    else if (assigned_together < prototypes)
      doubts.push_back(text(assigned_together,
                            " images assigned together (a batch and the queue) to ", prototypes,
                            " prototypes: each is spread over several of them; a longer ",
                            "--queue-length, larger batches or a lower --nmb-prototypes help"));
    return doubts;
  }

 private:
  SwavObjective(const BackboneInfo& backbone, const TrainSettings& settings,
                const at::Device& device, Random random)
      : settings_(settings.self_supervised.swav),
        rate_(settings.head_update.rate),
        batch_size_(settings.input.batch_size),
        swav_(settings.self_supervised.swav, backbone.feature_width, crops_an_image(settings.crops),
              settings.crops.front().count, random, device),
        projection_optimizer_(swav_.projection_parameters(), settings.head_update),
        prototypes_optimizer_({swav_.prototypes()}, settings.head_update),
        meter_(settings.self_supervised.swav.nmb_prototypes, device) {}

  SwavSettings settings_;
  double rate_;
  int64_t batch_size_;
  Swav swav_;
  DenseOptimizer projection_optimizer_, prototypes_optimizer_;
  AssignmentMeter meter_;
  bool use_queue_ = false;
  int64_t steps_ = 0;
};

Section<SelfSupervisedSettings> swav_fields() {
  constexpr auto swav = &SelfSupervisedSettings::swav;
  using S = SwavSettings;
  return {"SwAV (--objective swav)",
          {
              {"hidden-mlp",
               swav,
               &S::hidden_mlp,
               "Width of the projection's hidden layer; 0: none",
               {at_least(0)}},
              {"feat-dim", swav, &S::feat_dim, "Width of the projection", {at_least(1)}},
              {"nmb-prototypes", swav, &S::nmb_prototypes, "Prototypes", {at_least(2)}},
              {"epsilon",
               swav,
               &S::epsilon,
               "Of Sinkhorn-Knopp: entropy of the assignments",
               {above(0)}},
              {"sinkhorn-iterations",
               swav,
               &S::sinkhorn_iterations,
               "Of Sinkhorn-Knopp",
               {at_least(1)}},
              {"temperature", swav, &S::temperature, "Of the predictions", {above(0)}},
              {"crops-for-assign",
               swav,
               &S::crops_for_assign,
               "Crops of the first kind, from 0, whose assignments are predicted",
               {at_least(0)}},
              {"queue-length",
               swav,
               &S::queue_length,
               "Earlier projections assigned along; 0: none",
               {at_least(0)}},
              {"epoch-queue-starts",
               swav,
               &S::epoch_queue_starts,
               "From 0; default: after a fifth of the epochs",
               {at_least(0)}},
              {"freeze-prototypes-niters",
               swav,
               &S::freeze_prototypes_niters,
               "Steps; default: the first epoch's",
               {at_least(0)}},
          }};
}

void resolve_swav_settings(TrainSettings& settings, int64_t images) {
  SwavSettings& s = settings.self_supervised.swav;
  if (!s.epoch_queue_starts) s.epoch_queue_starts = settings.epochs / 5;
  if (!s.freeze_prototypes_niters)
    s.freeze_prototypes_niters = images / std::max<int64_t>(settings.input.batch_size, 1);
}

}  // namespace

ObjectiveEntry swav_entry() {
  return {.kind = SelfSupervised::swav,
          .fields = swav_fields(),
          .make =
              [](Backbone& backbone, const TrainSettings& settings, const at::Device& device) {
                return std::make_unique<SwavObjective>(backbone.info(), settings, device);
              },
          .check =
              [](const TrainSettings& s) {
                check_swav(s.self_supervised.swav, crops_an_image(s.crops), s.crops.front().count);
              },
          .resolve = resolve_swav_settings};
}

}  // namespace submask
