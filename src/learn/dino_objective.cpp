// DINO as an objective: its teacher, the optimisers of its head, and its schedules.
//
// The teacher is a moving average of the student's effective weights, not of its scores. This is
// one definition for masks and for fine-tuning, and the average of many masks is smooth, while
// averaged scores would give just another mask. Teacher and student share the network object, whose
// weights are swapped for the teacher's pass. A task keeps the student, because only the student
// has a binary mask.
//
// Batch norm in the teacher's pass works as in the authors' code: with the statistics of the batch,
// or, where these are frozen, with the running statistics. The pass updates copies of the running
// statistics, which are never read. So the student's running statistics, which the task keeps, come
// from the student's crops alone.
#include <algorithm>
#include <cmath>
#include <numbers>

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include "base/fail.h"
#include "learn/assignment_meter.h"
#include "learn/dino.h"
#include "learn/objective_registry.h"
#include "mask/optimizer.h"
#include "mask/weight_set.h"

namespace submask {
namespace {

TensorMap learned_parameters(const Backbone& backbone) {
  TensorMap learned = backbone.parameters();
  std::erase_if(learned, [](const auto& item) { return !item.second.requires_grad(); });
  return learned;
}

class DinoObjective : public Objective {
 public:
  DinoObjective(const Backbone& backbone, const TrainSettings& settings, const at::Device& device)
      : DinoObjective(backbone, settings, device, random_stream(settings.seed, Stream::head)) {}

  void start_epoch(int64_t epoch, bool resumed) override {
    epoch_ = epoch;
    if (!resumed) meter_.start_epoch();
  }

  ObjectiveOutcome evaluate(Backbone& backbone, const ObjectiveBatch& batch) override {
    const at::Tensor teacher = teacher_features(backbone, batch.crops.front());
    const DinoLoss loss =
        dino_.loss(features_of_crops(backbone, batch.crops), teacher, teacher_temp());
    meter_.add(loss.targets, loss.projections);
    return {.loss = loss.loss, .weight = static_cast<double>(batch.labels.numel())};
  }

  // The student moves first, and the teacher follows its new weights.
  void step(const StepShares& shares) override {
    hidden_optimizer_.step(rate_ * shares.head);
    if (epoch_ < settings_.freeze_last_layer)
      dino_.last_layer().mutable_grad().reset();
    else
      last_layer_optimizer_.step(rate_ * shares.head);
    const double share_left = (1 + std::cos(std::numbers::pi * shares.run)) / 2;
    const double momentum = 1 - (1 - settings_.momentum_teacher) * share_left;
    teacher_.follow(student_, momentum);
    dino_.update_teacher(momentum);
  }

  void save(TensorMap& state) const override {
    dino_.save(state);
    teacher_.save("dino.teacher.", state);
    hidden_optimizer_.save("dino.hidden.", state);
    last_layer_optimizer_.save("dino.last_layer.", state);
    meter_.save("dino.", state);
  }

  void load(const TensorMap& state) override {
    dino_.load(state);
    teacher_.load("dino.teacher.", state);
    hidden_optimizer_.load("dino.hidden.", state);
    last_layer_optimizer_.load("dino.last_layer.", state);
    meter_.load("dino.", state);
  }

  std::vector<at::Tensor> parameters() const override {
    std::vector<at::Tensor> parameters = dino_.hidden_parameters();
    parameters.push_back(dino_.last_layer());
    return parameters;
  }

  std::optional<SelfSupervisedProgress> progress() const override { return meter_.progress(); }

  SelfSupervisedAdvice advice() const override {
    return {"A lower --teacher-temp, a higher --rate or larger crops may help",
            "A lower --rate, a --momentum-teacher nearer to 1 or a longer --freeze-last-layer may "
            "help"};
  }

  std::vector<std::string> doubts(int64_t images) const override {
    if (images >= settings_.out_dim) return {};
    return {text(images, " images for ", settings_.out_dim,
                 " outputs of the teacher: most of them will never be used; --out-dim ",
                 std::max<int64_t>(2, images / 10), " or so suits them")};
  }

 private:
  DinoObjective(const Backbone& backbone, const TrainSettings& settings, const at::Device& device,
                Random random)
      : settings_(settings.self_supervised.dino),
        rate_(settings.head_update.rate),
        dino_(settings.self_supervised.dino, backbone.info().feature_width,
              crops_an_image(settings.crops), settings.crops.front().count, random, device),
        student_(learned_parameters(backbone)),
        teacher_(student_),
        hidden_optimizer_(dino_.hidden_parameters(), settings.head_update),
        last_layer_optimizer_({dino_.last_layer()}, settings.head_update),
        meter_(settings.self_supervised.dino.out_dim, device) {
    teacher_weights_ = teacher_.values();
    for (const auto& [name, buffer] : backbone.buffers())
      teacher_weights_[name] = buffer.detach().clone();
  }

  at::Tensor teacher_features(Backbone& backbone, const at::Tensor& crops) {
    const at::NoGradGuard no_grad;
    const WeightBinding binding(backbone, teacher_weights_);
    return backbone.features(crops);
  }

  // The temperature moves linearly from the first epoch of its warm-up to the last.
  double teacher_temp() const {
    const int64_t warmup = settings_.warmup_teacher_temp_epochs;
    if (epoch_ >= warmup) return settings_.teacher_temp;
    const double share =
        static_cast<double>(epoch_) / static_cast<double>(std::max<int64_t>(warmup - 1, 1));
    return settings_.warmup_teacher_temp +
           share * (settings_.teacher_temp - settings_.warmup_teacher_temp);
  }

  DinoSettings settings_;
  double rate_;
  Dino dino_;
  TensorMap student_;  // the network's own tensors
  MovingAverage teacher_;
  WeightSet teacher_weights_;  // the tensors of teacher_, and copies of the buffers
  DenseOptimizer hidden_optimizer_, last_layer_optimizer_;
  AssignmentMeter meter_;
  int64_t epoch_ = 0;
};

Section<SelfSupervisedSettings> dino_fields() {
  constexpr auto dino = &SelfSupervisedSettings::dino;
  using S = DinoSettings;
  return {
      "DINO (--objective dino)",
      {
          {"hidden-dim", dino, &S::hidden_dim, "Width of the head's hidden layers", {at_least(1)}},
          {"bottleneck-dim",
           dino,
           &S::bottleneck_dim,
           "Width of what the last layer sees",
           {at_least(1)}},
          {"out-dim", dino, &S::out_dim, "Outputs", {at_least(2)}},
          {"student-temp",
           dino,
           &S::student_temp,
           "Temperature of the student's outputs",
           {above(0)}},
          {"teacher-temp", dino, &S::teacher_temp, "Temperature of the teacher's", {above(0)}},
          {"warmup-teacher-temp", dino, &S::warmup_teacher_temp, "The same, at first", {above(0)}},
          {"warmup-teacher-temp-epochs",
           dino,
           &S::warmup_teacher_temp_epochs,
           "Epochs from the first to the second",
           {at_least(0)}},
          {"center-momentum",
           dino,
           &S::center_momentum,
           "Of the mean that is taken off the teacher's outputs",
           {within(0, 1)}},
          {"momentum-teacher",
           dino,
           &S::momentum_teacher,
           "Of the moving average that the teacher is; rises to 1 by a cosine",
           {within(0, 1)}},
          {"freeze-last-layer",
           dino,
           &S::freeze_last_layer,
           "Epochs in which the last layer stays",
           {at_least(0)}},
      }};
}

}  // namespace

ObjectiveEntry dino_entry() {
  return {.kind = SelfSupervised::dino,
          .fields = dino_fields(),
          .make =
              [](Backbone& backbone, const TrainSettings& settings, const at::Device& device) {
                return std::make_unique<DinoObjective>(backbone, settings, device);
              },
          .check =
              [](const TrainSettings& s) {
                check_dino(s.self_supervised.dino, crops_an_image(s.crops));
              },
          .resolve = {}};
}

}  // namespace submask
