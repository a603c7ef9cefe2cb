#include <ATen/ATen.h>

#include "backbone/head_tensors.h"
#include "base/fail.h"
#include "base/random.h"
#include "learn/objective.h"
#include "learn/projection_head.h"
#include "mask/optimizer.h"

namespace submask {
namespace {

// Returns images / (classes * images of the class), float32 [classes]; 0 for a class without
// images.
at::Tensor balanced_class_weights(const Dataset& train, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes), 0);
  for (int64_t i = 0; i < train.size(); ++i) ++counts[train.label(i)];
  at::Tensor weights = at::zeros({classes}, at::kFloat);
  for (int64_t c = 0; c < classes; ++c)
    if (counts[c] > 0)
      weights[c] =
          static_cast<float>(static_cast<double>(train.size()) /
                             (static_cast<double>(classes) * static_cast<double>(counts[c])));
  return weights;
}

class Supervised : public Objective {
 public:
  Supervised(const BackboneInfo& backbone, const Dataset& train, const TrainSettings& settings,
             const at::Device& device)
      : kind_(settings.head),
        rate_(settings.head_update.rate),
        label_smoothing_(settings.label_smoothing) {
    const auto classes = static_cast<int64_t>(train.class_names().size());
    if (settings.class_weights == ClassWeights::balanced)
      class_weights_ = balanced_class_weights(train, classes).to(device);
    if (settings.head == HeadKind::clip)
      use_frozen_head(settings.clip_head, {classes, backbone.feature_width}, device);
    else
      make_learned_head(settings, {classes, backbone.feature_width}, device);
  }

  ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) override {
    const at::Tensor& labels = batch.labels;
    const at::Tensor features = backbone.features(batch.crops.front());
    const at::Tensor logits = head_logits(head_, features).to(at::kFloat);
    ObjectiveOutcome outcome;
    outcome.loss = at::cross_entropy_loss(logits, labels, class_weights_, at::Reduction::Mean,
                                          /*ignore_index=*/-100, label_smoothing_);
    outcome.weight = class_weights_.has_value()
                         ? class_weights_->index_select(0, labels).sum().item<double>()
                         : static_cast<double>(labels.numel());
    outcome.correct = logits.detach().argmax(1).eq(labels).sum().item<int64_t>();
    return outcome;
  }

  // A frozen head has no optimiser, so nothing moves.
  void step(const StepShares& shares) override {
    if (optimizer_) optimizer_->step(rate_ * shares.weights);
  }
  void save(TensorMap& state) const override {
    if (optimizer_) optimizer_->save("head.", state);
  }
  void load(const TensorMap& state) override {
    if (optimizer_) optimizer_->load("head.", state);
  }

  std::vector<at::Tensor> parameters() const override { return parameters_; }

  // A frozen head has no rate, so what is wrong comes of the weights below it.
  const char* rate_option() const override {
    return kind_ == HeadKind::linear ? "--head-rate" : "--rate";
  }

  std::optional<Head> head() const override {
    return transform_head(
        head_, [](const at::Tensor& tensor) { return tensor.detach().to(at::kCPU).clone(); });
  }

 private:
  // CLIP's text embeddings and its logit scale stay as the checkpoint has them.
  void use_frozen_head(const std::optional<CosineHead>& head, at::IntArrayRef shape,
                       const at::Device& device) {
    if (!head) fail_argument(text("a clip head of shape ", shape), "none");
    if (head->weight.sizes() != shape)
      fail_argument(text("a clip head of shape ", shape), head->weight.sizes());
    head_ = CosineHead{head->weight.detach().to(device)};
  }

  void make_learned_head(const TrainSettings& settings, at::IntArrayRef shape,
                         const at::Device& device) {
    Random random = random_stream(settings.seed, Stream::head);
    at::Tensor weight = uniform_start(shape, shape[1], random, device);
    at::Tensor bias = uniform_start({shape[0]}, shape[1], random, device);
    if (settings.head == HeadKind::masked) {
      weight = make_masked_weight(weight, settings);
      bias.zero_();
      parameters_ = {weight};
    } else {
      weight.requires_grad_(true);
      bias.requires_grad_(true);
      parameters_ = {weight, bias};
      optimizer_ = std::make_unique<DenseOptimizer>(parameters_, settings.head_update);
    }
    head_ = LinearHead{weight, bias};
  }

  // Makes a weight of frozen random values under a mask. Its scores start at 1 and are learned with
  // the rate of the backbone's masks. Returns the parameter.
  at::Tensor make_masked_weight(const at::Tensor& weight, const TrainSettings& settings) {
    UpdateSettings update = settings.head_update;
    update.weight_decay = 0;
    rate_ = settings.update.rate;
    MaskedTensor rows{{"weight", weight.clone().requires_grad_(true), weight, 0, weight.size(0)},
                      at::ones_like(weight)};
    optimizer_ = std::make_unique<MaskOptimizer>(std::vector{rows}, Criterion{}, update);
    return rows.parameter;
  }

  HeadKind kind_;
  double rate_;
  double label_smoothing_;
  std::optional<at::Tensor> class_weights_;
  Head head_;
  std::vector<at::Tensor> parameters_;  // the head's that are learned
  std::unique_ptr<Optimizer> optimizer_;
};

}  // namespace

std::unique_ptr<Objective> make_supervised_objective(const BackboneInfo& backbone,
                                                     const Dataset& train,
                                                     const TrainSettings& settings,
                                                     const at::Device& device) {
  return std::make_unique<Supervised>(backbone, train, settings, device);
}

}  // namespace submask
