#include "learn/dino.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <ATen/ATen.h>
#include <torch/csrc/jit/api/module.h>

#include <submask/error.h>

#include "error_of.h"
#include "float64_replay.h"
#include "learn/assignment_meter.h"
#include "learn/objective_registry.h"
#include "mask/optimizer.h"
#include "scratch_folder.h"

namespace submask {
namespace {

using Json = nlohmann::json;

constexpr int64_t pixels = 5;

DinoSettings small_settings() {
  DinoSettings settings;
  settings.hidden_dim = 4;
  settings.bottleneck_dim = 3;
  settings.out_dim = 7;
  return settings;
}

// A network of one linear layer of the first five values of an image.
std::unique_ptr<Backbone> linear_backbone(const at::Tensor& weight) {
  torch::jit::Module program("linear");
  program.register_parameter("weight", weight.clone(), /*is_buffer=*/false);
  program.define(
      "def forward(self, x):\n"
      "  return torch.matmul(torch.flatten(x, 1)[:, :5], torch.t(self.weight))\n");
  const std::string path = (scratch_folder() / "linear.pt").string();
  program.save(path);
  return Backbone::load("torchscript:" + path, "");
}

// The reference is in float64, and a run is in float32. Each step takes over the rounding of those
// before and adds about half as much again: measured at most 1.2e-6 in the first, 2.7e-5 in the
// tenth, 1.6e-4 in the fifteenth and 1e-3 in the twentieth step. Processors round differently,
// hence the margin. A formula that differs is off by much more in the first step already.
double float32_tolerance(size_t step) { return 4e-6 * std::pow(1.5, static_cast<double>(step)); }

// The objective as the training loop uses it, on the problem of tests/reference/make_dino.py. What
// that freezes and warms by steps a run does by epochs, so each step is an epoch here.
class DinoReplay {
 public:
  explicit DinoReplay(const Json& reference)
      : reference_(reference),
        first_kind_(reference["first_kind"]),
        backbone_(
            linear_backbone(uniform_values(Random({6}), {width, pixels}, 0.5).to(at::kFloat))),
        weight_(backbone_->parameters().at("weight").requires_grad_(true)),
        objective_(objective_entry(SelfSupervised::dino).make(*backbone_, settings(), at::kCPU)),
        optimizer_({weight_}, settings().update) {
    start_as_the_reference();
  }

  void run() {
    SCOPED_TRACE(reference_["name"].get<std::string>());
    for (size_t step = 0; step < reference_["steps"].size(); ++step) {
      learn(step);
      if (testing::Test::HasFatalFailure()) return;
    }
  }

 private:
  TrainSettings settings() const {
    TrainSettings settings;
    settings.crops = {CropRecipe(), CropRecipe()};
    settings.crops[0].count = first_kind_;
    settings.crops[1].count = crops - first_kind_;
    settings.update = settings.head_update = {.rate = 0.2, .momentum = 0.9, .weight_decay = 1e-3};
    DinoSettings& dino = settings.self_supervised.dino = small_settings();
    dino.teacher_temp = reference_["teacher_temp"];
    dino.momentum_teacher = reference_["momentum_teacher"];
    dino.freeze_last_layer = reference_["frozen"];
    return settings;
  }

  // The head's start is drawn from another key than a run's.
  void start_as_the_reference() {
    Random random({5, 7});
    const Dino dino(small_settings(), width, crops, first_kind_, random, at::kFloat);
    TensorMap state;
    objective_->save(state);
    const std::vector<at::Tensor> hidden = dino.hidden_parameters();
    for (size_t i = 0; i < hidden.size(); ++i)
      state.at("dino.hidden." + std::to_string(i) + ".value") = hidden[i].detach();
    state.at("dino.last_layer.0.value") = dino.last_layer().detach();
    for (const auto& [name, value] : dino.teacher_head())
      state.at("dino.teacher_head." + name) = value;
    objective_->load(state);
  }

  ObjectiveBatch batch_of(const at::Tensor& values) const {
    const at::Tensor padded = at::constant_pad_nd(values.to(at::kFloat), {0, 1});
    const at::Tensor all = padded.view({crops * images, 3, 1, 2});
    const int64_t first = first_kind_ * images;
    return {{all.narrow(0, 0, first), all.narrow(0, first, all.size(0) - first)}, {}};
  }

  void learn(size_t step) {
    const Json& expected = reference_["steps"][step];
    const at::Tensor values = uniform_values(Random({11, step}), {crops * images, pixels}, 0.3);
    objective_->start_epoch(static_cast<int64_t>(step), /*resumed=*/false);
    const ObjectiveOutcome outcome = objective_->evaluate(*backbone_, batch_of(values));
    ASSERT_NEAR(outcome.loss.item<double>(), expected["loss"].get<double>(),
                float32_tolerance(step))
        << step;
    outcome.loss.backward();
    if (expected.contains("gradient")) {
      expect_gradient(values, expected, step);
      expect_progress(expected, step);
    }
    optimizer_.step(0.2);
    objective_->step({.run = static_cast<double>(step) / 20});
    if (expected.contains("centre")) expect_state(expected, step);
  }

  // The reference has the gradient of the features; the network is linear in its weight.
  void expect_gradient(const at::Tensor& values, const Json& expected, size_t step) const {
    const auto flat = expected["gradient"].get<std::vector<double>>();
    const at::Tensor features = at::tensor(flat, at::kDouble).view({crops * images, width});
    expect_near(weight_.grad(), Json(numbers_of(features.t().mm(values))), "gradient", step,
                float32_tolerance(step));
  }

  // What a user watches is measured from the reference's targets and projections.
  void expect_progress(const Json& expected, size_t step) const {
    const auto rows = [&](const char* name, int64_t columns) {
      return at::tensor(expected[name].get<std::vector<double>>(), at::kDouble).view({-1, columns});
    };
    AssignmentMeter meter(small_settings().out_dim, at::kCPU);
    meter.add(rows("targets", small_settings().out_dim),
              rows("projections", small_settings().bottleneck_dim));
    const SelfSupervisedProgress progress = objective_->progress().value();
    EXPECT_NEAR(progress.assignment_entropy, meter.progress().assignment_entropy,
                float32_tolerance(step));
    EXPECT_NEAR(progress.spread, meter.progress().spread, float32_tolerance(step));
    EXPECT_EQ(progress.prototypes_in_use, meter.progress().prototypes_in_use);
  }

  void expect_state(const Json& expected, size_t step) const {
    TensorMap state;
    objective_->save(state);
    for (const auto& [tensor, name] :
         {std::pair{"dino.centre", "centre"},
          {"dino.last_layer.0.value", "last_layer"},
          {"dino.teacher.weight", "teacher_network"},
          {"dino.teacher_head.last_layer.weight_v", "teacher_last_layer"}})
      expect_near(state.at(tensor), expected[name], name, step, float32_tolerance(step));
  }

  static std::vector<double> numbers_of(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.to(at::kDouble).contiguous();
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
  }

  const Json& reference_;
  int64_t first_kind_;
  std::unique_ptr<Backbone> backbone_;
  at::Tensor weight_;
  std::unique_ptr<Objective> objective_;
  DenseOptimizer optimizer_;
};

TEST(Dino, EqualsTheFormulasOverTwentySteps) {
  std::ifstream lines(SUBMASK_TEST_DATA "/golden/learn/dino.json");
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));  // versions
  int cases = 0;
  for (; std::getline(lines, line); ++cases) {
    const Json reference = Json::parse(line);
    ASSERT_EQ(reference["steps"].size(), 20U);
    DinoReplay(reference).run();
  }
  EXPECT_EQ(cases, 3);
}

// Features that say nothing: targets and loss are those of a guess or of one output, never NaN.
TEST(Dino, FeaturesThatAreAllAlikeGiveFiniteGradients) {
  for (const double value : {0.0, 1.0, 1e20}) {
    Random random({1});
    Dino dino(small_settings(), width, crops, 2, random, at::kFloat);
    for (int step = 0; step < 3; ++step) {
      at::Tensor features = at::full({crops * images, width}, value, at::kFloat);
      features.requires_grad_(true);
      const DinoLoss loss = dino.loss(features, features.detach().narrow(0, 0, 2 * images), 0.04);
      loss.loss.backward();
      EXPECT_TRUE(std::isfinite(loss.loss.item<double>())) << value;
      EXPECT_TRUE(features.grad().isfinite().all().item<bool>()) << value;
      EXPECT_TRUE(dino.centre().isfinite().all().item<bool>()) << value;
    }
  }
}

TEST(Dino, RefusesSettingsThatDoNotFit) {
  const auto refused = [](auto change, int64_t all_crops = crops) {
    DinoSettings settings = small_settings();
    change(settings);
    Random random({1});
    return error_of(ErrorKind::invalid_argument,
                    [&] { Dino(settings, width, all_crops, 2, random, at::kFloat); });
  };
  using S = DinoSettings;
  EXPECT_EQ(refused([](S& s) { s.out_dim = 1; }), "expected an out_dim of at least 2, got 1");
  EXPECT_EQ(refused([](S& s) { s.hidden_dim = 0; }), "expected a hidden_dim of at least 1, got 0");
  EXPECT_EQ(refused([](S& s) { s.bottleneck_dim = 0; }),
            "expected a bottleneck_dim of at least 1, got 0");
  EXPECT_EQ(refused([](S& s) { s.teacher_temp = 0; }), "expected a teacher_temp above 0, got 0");
  EXPECT_EQ(refused([](S& s) { s.warmup_teacher_temp = -1; }),
            "expected a warmup_teacher_temp above 0, got -1");
  EXPECT_EQ(refused([](S& s) { s.student_temp = std::nan(""); }),
            "expected a student_temp above 0, got nan");
  EXPECT_EQ(refused([](S& s) { s.center_momentum = 1.1; }),
            "expected a center_momentum in [0, 1], got 1.1");
  EXPECT_EQ(refused([](S& s) { s.momentum_teacher = -0.1; }),
            "expected a momentum_teacher in [0, 1], got -0.1");
  EXPECT_EQ(refused([](S& s) { s.freeze_last_layer = -1; }),
            "expected freeze_last_layer of at least 0, got -1");
  EXPECT_EQ(refused([](S& s) { s.warmup_teacher_temp_epochs = -1; }),
            "expected warmup_teacher_temp_epochs of at least 0, got -1");
  EXPECT_EQ(refused([](S&) {}, 1),
            "expected two or more crops an image (--recipe paper-ssl), got 1");
}

}  // namespace
}  // namespace submask
