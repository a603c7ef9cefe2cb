#include <map>
#include <thread>
#include <type_traits>

#include <submask/predictor.h>

#include "backbone/network.h"
#include "mask/weight_set.h"
#include "serve/served_files.h"

namespace submask {
namespace {

constexpr double exact = 1e-6;

// One thread, one predictor: a copy would bind a network's weights twice.
static_assert(!std::is_copy_constructible_v<Predictor> && !std::is_copy_assignable_v<Predictor>);

class PredictorOfFiles : public ServedFiles {
 protected:
  // By the parts of the library: the weights of the task, the network's features, the head.
  at::Tensor features_under(const Task& task, const at::Tensor& input) {
    const at::NoGradGuard no_grad;
    WeightSet weights;
    apply_task(task, *backbone_, weights);
    const WeightBinding binding(*backbone_, weights);
    network_of(*backbone_).eval();
    return backbone_->features(input);
  }

  static at::Tensor softmax_of(const Head& head, const at::Tensor& features) {
    const auto& linear = std::get<LinearHead>(head);
    return at::linear(features, linear.weight, linear.bias).to(at::kDouble).softmax(1);
  }
};

TEST_F(PredictorOfFiles, PredictsWhatTheTasksNetworkComputes) {
  const std::string file = task_file("direct.task", {"cat", "dog", "emu"});
  const Task task = read_task(file, *backbone_);
  const Image image = read_image(image_);
  const at::Tensor input = input_of(image, task.preprocessing);
  const at::Tensor features = features_under(task, input);
  Predictor predictor(file);
  expect_predictions(predictor.predict(image_), softmax_of(*task.head, features), task.classes);
  expect_predictions(predictor.predict(image), softmax_of(*task.head, features), task.classes);
  EXPECT_TRUE(at::allclose(predictor.features(input), features, 1e-5, 1e-5));
  EXPECT_TRUE(at::allclose(predictor.logits(input).softmax(1).to(at::kDouble),
                           softmax_of(*task.head, features), 0, 1e-5));
  EXPECT_EQ(predictor.classes(), task.classes);
  EXPECT_TRUE(at::equal(std::get<LinearHead>(predictor.head().value()).weight,
                        std::get<LinearHead>(*task.head).weight));
}

TEST_F(PredictorOfFiles, PredictsWhatACascadeComputes) {
  std::vector<Task> members;
  const Cascade cascade = cascade_of(members);
  const auto path = scratch_folder() / "served.cascade";
  write_cascade(path, cascade);

  const at::Tensor input = input_of(read_image(image_), backbone_->info().preprocessing);
  std::vector<at::Tensor> features;
  for (const Task& member : members) features.push_back(features_under(member, input));
  const Projection& view = cascade.unconditional.projection;
  const at::Tensor projected =
      at::linear(at::cat(features, 1) - view.mean, view.components) / view.scale;
  Predictor predictor(path);
  EXPECT_TRUE(at::allclose(predictor.features(input), projected, 1e-4, 1e-4));
  expect_predictions(predictor.predict(image_), softmax_of(*cascade.unconditional.head, projected),
                     cascade.classes);
  EXPECT_EQ(predictor.classes(), cascade.classes);

  // From a cascade to a task and back, as from a task to a task.
  const auto before = predictor.predict(image_);
  predictor.select(task_file("beside.task", {"a", "b", "c"}));
  EXPECT_EQ(predictor.classes().front(), "a");
  predictor.select(path);
  EXPECT_EQ(predictor.predict(image_).front().label, before.front().label);
  EXPECT_EQ(predictor.predict(image_).front().probability, before.front().probability);
}

// By a bank the probabilities are shares of the votes: here of one neighbour each for two classes.
TEST_F(PredictorOfFiles, ABankVotes) {
  Task task = task_with({}, {"near", "far"});
  const at::Tensor input = input_of(read_image(image_), task.preprocessing);
  const at::Tensor seen = features_under(task, input);
  task.head = BankHead{at::cat({seen, -seen}), at::tensor({0, 1}, at::kLong), 2, {2, 1}};
  Predictor predictor(*backbone_);
  predictor.select(task);
  const double near = std::exp(1.0), far = std::exp(-1.0);  // exp(cosine / T)
  expect_predictions(predictor.predict(image_), at::tensor({near, far}, at::kDouble) / (near + far),
                     task.classes);
}

TEST_F(PredictorOfFiles, NamesClassesTheLikeliestFirst) {
  Predictor predictor(task_file("named.task", {"cat", "dog", "emu"}));
  const std::vector<Prediction> all = predictor.predict(large_image_);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_GE(all[0].probability, all[1].probability);
  EXPECT_GE(all[1].probability, all[2].probability);
  EXPECT_NEAR(all[0].probability + all[1].probability + all[2].probability, 1, exact);
  EXPECT_EQ(predictor.predict(large_image_, 1).size(), 1U);
  EXPECT_EQ(predictor.predict(large_image_, 1).front().label, all[0].label);
  EXPECT_TRUE(predictor.predict(large_image_, 0).empty());
  EXPECT_TRUE(predictor.predict(large_image_, -1).empty());
  EXPECT_EQ(predictor.predict(read_image(large_image_), 1).front().probability, all[0].probability);
}

TEST_F(PredictorOfFiles, NumbersClassesWithoutNames) {
  Predictor predictor(*backbone_);
  predictor.select(task_with(linear_head(), {"zero", "one", "two"}));
  const std::vector<Prediction> named = predictor.predict(image_);
  predictor.select(task_with(linear_head(), {}));
  const std::vector<Prediction> numbered = predictor.predict(image_);
  ASSERT_EQ(numbered.size(), 3U);
  const std::map<std::string, std::string> numbers{{"zero", "0"}, {"one", "1"}, {"two", "2"}};
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(numbered[i].label, numbers.at(named[i].label)) << i;
}

TEST_F(PredictorOfFiles, SwitchesBetweenFilesAndBack) {
  const std::string one = task_file("one.task", {"a", "b", "c"});
  const std::string other = task_file("other.task", {"x", "y", "z"});
  Predictor predictor(one);
  const auto before = predictor.predict(image_);
  predictor.select(other);
  EXPECT_NE(predictor.predict(image_).front().label, before.front().label);
  predictor.select(one);
  EXPECT_EQ(predictor.predict(image_).front().probability, before.front().probability);
  predictor.clear();
  EXPECT_TRUE(predictor.classes().empty());
}

// The image is prepared as the task says, not as the backbone does.
TEST_F(PredictorOfFiles, PreparesImagesAsTheTaskSays) {
  Task task = task_with(linear_head(), {"a", "b", "c"});
  task.preprocessing.mean = {0.1, 0.2, 0.3};
  task.preprocessing.std = {0.5, 0.6, 0.7};
  const std::string file = file_of("prepared.task", task);
  const at::Tensor features =
      features_under(read_task(file, *backbone_), input_of(read_image(image_), task.preprocessing));
  Predictor predictor(*backbone_);
  predictor.select(file);
  EXPECT_EQ(predictor.preprocessing(), task.preprocessing);
  expect_predictions(predictor.predict(image_), softmax_of(predictor.head().value(), features),
                     task.classes);
  predictor.clear();
  EXPECT_EQ(predictor.preprocessing(), backbone_->info().preprocessing);
}

TEST_F(PredictorOfFiles, LeavesTheBackboneAsItWas) {
  const at::NoGradGuard no_grad;
  const at::Tensor input = input_of(read_image(image_), backbone_->info().preprocessing);
  network_of(*backbone_).eval();
  const at::Tensor before = backbone_->features(input);
  {
    Predictor predictor(*backbone_);
    EXPECT_TRUE(at::equal(predictor.features(input), before));
    predictor.select(task_with(linear_head(), {}));
    EXPECT_FALSE(at::allclose(predictor.features(input), before));
  }
  EXPECT_TRUE(at::equal(backbone_->features(input), before));
}

TEST_F(PredictorOfFiles, ThePlainBackboneUsesItsOwnHead) {
  Predictor predictor(*backbone_);
  ASSERT_EQ(predictor.head().has_value(), backbone_->head().has_value());
  EXPECT_TRUE(predictor.classes().empty());
  const at::Tensor input = input_of(read_image(image_), backbone_->info().preprocessing);
  const at::NoGradGuard no_grad;
  network_of(*backbone_).eval();
  const at::Tensor logits = head_logits(backbone_->head().value(), backbone_->features(input));
  EXPECT_TRUE(at::allclose(predictor.logits(input), logits, 1e-5, 1e-5));
}

// Each thread has a predictor, and a backbone, of its own.
TEST_F(PredictorOfFiles, PredictorsDoNotDisturbEachOther) {
  const std::vector<std::string> files = {task_file("left.task", {"a", "b", "c"}, 1),
                                          task_file("right.task", {"x", "y", "z"}, 2)};
  std::vector<std::vector<Prediction>> alone;
  for (const std::string& file : files) alone.push_back(Predictor(file).predict(image_));
  std::vector<int> equal(files.size(), 0);
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < files.size(); ++i)
      threads.emplace_back([&, i] {
        Predictor predictor(files[i]);
        for (int k = 0; k < 5; ++k) {
          const Prediction best = predictor.predict(image_, 1).front();
          if (best.label == alone[i].front().label &&
              std::abs(best.probability - alone[i].front().probability) < exact)
            ++equal[i];
        }
      });
  }
  EXPECT_EQ(equal, (std::vector<int>{5, 5}));
}

}  // namespace
}  // namespace submask
