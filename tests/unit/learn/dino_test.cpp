#include "learn/dino.h"

#include <cmath>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <numbers>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "float64_replay.h"
#include "mask/optimizer.h"

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

// A network of one linear layer, its teacher, and DINO on both.
class Replay {
 public:
  explicit Replay(const Json& reference)
      : reference_(reference),
        first_kind_(reference["first_kind"]),
        dino_(small_settings(), width, crops, first_kind_, random_, at::kDouble),
        network_(uniform_values(Random({6}), {width, pixels}, 0.5)
                     .to(at::kFloat)
                     .to(at::kDouble)
                     .requires_grad_(true)),
        student_({{"network", network_}}),
        teacher_(student_),
        rest_(learned(), update()),
        last_({dino_.last_layer()}, update()) {}

  void run() {
    SCOPED_TRACE(reference_["name"].get<std::string>());
    for (size_t step = 0; step < reference_["steps"].size(); ++step) learn(step);
  }

 private:
  static UpdateSettings update() {
    UpdateSettings update;
    update.momentum = 0.9;
    update.weight_decay = 1e-3;
    return update;
  }

  std::vector<at::Tensor> learned() const {
    std::vector<at::Tensor> parameters = dino_.hidden_parameters();
    parameters.push_back(network_);
    return parameters;
  }

  void learn(size_t step) {
    const Json& expected = reference_["steps"][step];
    const at::Tensor batch = uniform_values(Random({11, step}), {crops * images, pixels}, 0.3);
    const at::Tensor features = batch.mm(network_.t());
    features.retain_grad();
    const at::Tensor told =
        batch.narrow(0, 0, first_kind_ * images).mm(teacher_.values().at("network").t());
    const DinoLoss loss = dino_.loss(features, told, reference_["teacher_temp"]);
    ASSERT_NEAR(loss.loss.item<double>(), expected["loss"].get<double>(), 1e-9) << step;
    loss.loss.backward();
    if (step < reference_["frozen"].get<size_t>()) dino_.last_layer().mutable_grad().reset();
    rest_.step(0.2);
    last_.step(0.2);
    const double left = (1 + std::cos(std::numbers::pi * static_cast<double>(step) / 20)) / 2;
    const double momentum = 1 - (1 - reference_["momentum_teacher"].get<double>()) * left;
    teacher_.follow(student_, momentum);
    dino_.update_teacher(momentum);
    if (!expected.contains("centre")) return;
    expect_near(features.grad(), expected["gradient"], "gradient", step);
    expect_near(loss.targets, expected["targets"], "targets", step);
    expect_near(loss.projections, expected["projections"], "projections", step);
    expect_near(dino_.centre(), expected["centre"], "centre", step);
    expect_near(dino_.last_layer(), expected["last_layer"], "last layer", step);
    expect_near(teacher_.values().at("network"), expected["teacher_network"], "teacher", step);
    expect_near(dino_.teacher_head().at("last_layer.weight_v"), expected["teacher_last_layer"],
                "teacher's last layer", step);
  }

  const Json& reference_;
  int64_t first_kind_;
  Random random_{{5, 7}};
  Dino dino_;
  at::Tensor network_;
  TensorMap student_;
  MovingAverage teacher_;
  DenseOptimizer rest_, last_;
};

TEST(Dino, EqualsTheFormulasInFloat64OverTwentySteps) {
  std::ifstream lines(SUBMASK_TEST_DATA "/golden/learn/dino.json");
  std::string line;
  ASSERT_TRUE(std::getline(lines, line));  // versions
  int cases = 0;
  for (; std::getline(lines, line); ++cases) {
    const Json reference = Json::parse(line);
    ASSERT_EQ(reference["steps"].size(), 20U);
    Replay(reference).run();
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
    EXPECT_THROW(Dino(settings, width, all_crops, 2, random, at::kFloat), Error);
  };
  refused([](DinoSettings& s) { s.out_dim = 1; });
  refused([](DinoSettings& s) { s.hidden_dim = 0; });
  refused([](DinoSettings& s) { s.bottleneck_dim = 0; });
  refused([](DinoSettings& s) { s.teacher_temp = 0; });
  refused([](DinoSettings& s) { s.warmup_teacher_temp = -1; });
  refused([](DinoSettings& s) { s.student_temp = std::nan(""); });
  refused([](DinoSettings& s) { s.center_momentum = 1.1; });
  refused([](DinoSettings& s) { s.momentum_teacher = -0.1; });
  refused([](DinoSettings& s) { s.freeze_last_layer = -1; });
  refused([](DinoSettings& s) { s.warmup_teacher_temp_epochs = -1; });
  refused([](DinoSettings&) {}, 1);
}

}  // namespace
}  // namespace submask
