#include "bench/training_step.h"

#include <ATen/ATen.h>
#include <ATen/autocast_mode.h>

#include <submask/loader.h>

#include "backbone/network.h"
#include "base/names.h"
#include "base/random.h"

namespace submask::bench {
namespace {

constexpr int64_t classes = 10;
constexpr uint64_t seed = 1;

// The objective asks a data set for its classes only.
class NoImages : public Dataset {
 public:
  int64_t size() const override { return 0; }
  int64_t label(int64_t) const override { return 0; }
  Image read(int64_t, const ImageRequest&) const override { return {}; }
  std::string image_name(int64_t) const override { return {}; }
  const std::vector<std::string>& class_names() const override { return names_; }
  std::string digest() const override { return {}; }

 private:
  std::vector<std::string> names_ = std::vector<std::string>(classes, "class");
};

// Rates at which nothing diverges in the few steps of a benchmark; the cost does not depend on
// them.
TrainSettings train_settings(const StepSettings& step, const BackboneInfo& info) {
  TrainSettings settings =
      recipe_settings("one-rate", value_named<Method>(step.method, "a method"), info);
  settings.update.rule = UpdateRule::sgd;
  settings.update.rate = step.method == "fs" ? 1 : 1e-3;
  settings.seed = seed;
  return settings;
}

}  // namespace

void StepSettings::add_to(Options& options) {
  options.add("--backbone", backbone);
  options.add_positive("--batch", batch);
  options.add_positive("--pixels", pixels);
  options.add_choice("--precision", precision, {"float32", "bfloat16"});
  options.add_choice("--layout", layout, {"channels-last", "contiguous"}, "Of the network's input");
}

nlohmann::ordered_json StepSettings::json() const {
  return {{"backbone", backbone},
          {"batch", batch},
          {"pixels", pixels},
          {"precision", precision},
          {"layout", layout}};
}

TrainingStep::TrainingStep(const StepSettings& settings)
    : settings_(settings), backbone_(Backbone::create(settings.backbone, seed)) {
  const TrainSettings train = train_settings(settings, backbone_->info());
  weights_ = std::make_unique<LearnedWeights>(*backbone_, train);
  objective_ = make_supervised_objective(backbone_->info(), NoImages(), train, at::kCPU);
  network_of(*backbone_).train();
  images_ = at::empty({settings.batch, 3, settings.pixels, settings.pixels}, at::kByte);
  labels_ = at::empty({settings.batch}, at::kLong);
  Random random({seed});
  for (int64_t i = 0; i < images_.numel(); ++i)
    images_.data_ptr<uint8_t>()[i] = static_cast<uint8_t>(random.below(256));
  for (int64_t i = 0; i < settings.batch; ++i)
    labels_.data_ptr<int64_t>()[i] = static_cast<int64_t>(random.below(classes));
}

void TrainingStep::forward_backward() {
  at::Tensor images = normalise(images_, backbone_->info().preprocessing);
  if (settings_.layout == "contiguous") images = images.contiguous();
  const bool half = settings_.precision == "bfloat16";
  if (half) at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
  at::autocast::set_autocast_enabled(at::kCPU, half);
  const ObjectiveOutcome outcome = objective_->evaluate(*backbone_, {{images}, labels_});
  at::autocast::set_autocast_enabled(at::kCPU, false);
  if (half) at::autocast::clear_cache();
  outcome.loss.item<double>();
  outcome.loss.backward();
}

void TrainingStep::run() {
  forward_backward();
  weights_->step({});
  objective_->step({});
}

void TrainingStep::run(int steps) {
  for (int i = 0; i < steps; ++i) run();
}

void TrainingStep::update_only() {
  if (gradients_.empty()) {
    forward_backward();
    for (const auto& [name, parameter] : backbone_->parameters())
      if (parameter.grad().defined()) gradients_.emplace_back(parameter, parameter.grad());
  }
  for (auto& [parameter, gradient] : gradients_) parameter.mutable_grad() = gradient;
  weights_->step({});
}

int64_t TrainingStep::learned_weights() const {
  int64_t count = 0;
  for (const auto& [parameter, gradient] : gradients_) count += parameter.numel();
  return count;
}

}  // namespace submask::bench
