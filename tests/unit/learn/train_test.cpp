#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/predictor.h>
#include <submask/train.h>

#include "base/file.h"
#include "base/names.h"
#include "toy_data.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

TrainSettings short_settings(Method method) {
  TrainSettings settings = recipe_settings("default", method, backbone_info("resnet20"));
  settings.epochs = 2;
  settings.input.batch_size = 12;
  settings.head_update.rate = 0.05;
  settings.input.workers = 1;
  return settings;
}

class Train : public testing::Test {
 protected:
  // A folder of its own: ctest runs tests of one program at the same time.
  Train()
      : folder_(fs::path(testing::TempDir()) / ("submask_train_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~Train() override { fs::remove_all(folder_); }

  std::string task_bytes(const Task& task) {
    write_task(folder_ / "task", pack_task(task));
    return read_text_file(folder_ / "task");
  }
  at::Tensor logits(const Task& task) {
    Predictor predictor(*backbone_);
    predictor.select(task);
    return predictor.logits(images_);
  }

  fs::path folder_;
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  at::Tensor images_ = at::linspace(-1, 1, 2 * 3 * 32 * 32).view({2, 3, 32, 32});
};

TEST_F(Train, LearningMoreTasksLeavesTheFirstBitIdentical) {
  const TensorMap theta = backbone_->theta();
  TensorMap before;
  for (const auto& [name, tensor] : theta) before[name] = tensor.clone();
  const Task a = train(*backbone_, toy_splits(1), short_settings(Method::fs)).task;
  const at::Tensor with_a = logits(a);
  const Task b = train(*backbone_, toy_splits(2), short_settings(Method::fs)).task;
  train(*backbone_, toy_splits(3), short_settings(Method::fft));
  const Task c = train(*backbone_, toy_splits(4), short_settings(Method::lp)).task;
  EXPECT_FALSE(at::equal(logits(b), with_a));
  EXPECT_EQ(logits(c).size(1), 3);
  EXPECT_TRUE(at::equal(logits(a), with_a));
  for (const auto& [name, tensor] : before)
    EXPECT_TRUE(at::equal(backbone_->theta().at(name), tensor)) << name;
  EXPECT_GT(a.masked_fraction(), 0);
}

TEST_F(Train, IsTheSameBitsAgainAndWithOtherWorkers) {
  TrainSettings settings = short_settings(Method::fs);
  const std::string first = task_bytes(train(*backbone_, toy_splits(), settings).task);
  settings.input.workers = 3;
  EXPECT_EQ(task_bytes(train(*backbone_, toy_splits(), settings).task), first);
  settings.seed = 1;
  EXPECT_NE(task_bytes(train(*backbone_, toy_splits(), settings).task), first);
}

// Stopped after every possible batch and resumed: the same bytes as without a stop.
TEST_F(Train, ResumesToTheSameBits) {
  for (const Method method : {Method::fs, Method::fft}) {
    TrainSettings settings = short_settings(method);
    settings.patience = 5;
    const TrainResult whole = train(*backbone_, toy_splits(1, true), settings);
    settings.checkpoint = (folder_ / name_of(method)).string();
    int stops = 0;
    for (;;) {
      int batches = 0;
      TrainHooks hooks;
      hooks.should_stop = [&] { return ++batches == 3; };
      try {
        const TrainResult resumed = train(*backbone_, toy_splits(1, true), settings, hooks);
        EXPECT_EQ(task_bytes(resumed.task), task_bytes(whole.task)) << name_of(method);
        for (const auto& [name, tensor] : whole.state_dict)
          EXPECT_TRUE(at::equal(resumed.state_dict.at(name), tensor)) << name;
        break;
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::interrupted) << error.what();
        ASSERT_LT(++stops, 10);
      }
    }
    EXPECT_EQ(stops, 2) << name_of(method);  // 8 batches, a stop at each third
  }
}

TEST_F(Train, RefusesTheCheckpointOfAnotherRun) {
  TrainSettings settings = short_settings(Method::fs);
  settings.checkpoint = (folder_ / "other").string();
  train(*backbone_, toy_splits(), settings);
  settings.update.rate = 5;
  try {
    train(*backbone_, toy_splits(), settings);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::invalid_argument);
    EXPECT_NE(std::string(error.what()).find(settings.checkpoint), std::string::npos);
  }
}

TEST_F(Train, StopsAtALossThatIsNotFinite) {
  TrainSettings settings = short_settings(Method::fft);
  settings.update.rate = 1e30;
  settings.checkpoint = (folder_ / "nan").string();
  try {
    train(*backbone_, toy_splits(), settings);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
    EXPECT_NE(std::string(error.what()).find("epoch 1, step 2"), std::string::npos) << error.what();
  }
}

TEST_F(Train, LearnsTheToy) {
  for (const Method method : {Method::fs, Method::fft, Method::lp}) {
    TrainSettings settings = short_settings(method);
    settings.epochs = 6;
    double last = 0;
    TrainHooks hooks;
    hooks.progress = [&](const TrainProgress& progress) { last = progress.accuracy; };
    const TrainResult result = train(*backbone_, toy_splits(), settings, hooks);
    if (method != Method::lp) {
      EXPECT_GT(last, 0.8) << name_of(method);
    }
    EXPECT_EQ(result.task.classes.size(), 3U);
  }
}

TEST_F(Train, StopsEarlyAndKeepsTheBestEpoch) {
  TrainSettings settings = short_settings(Method::fs);
  settings.epochs = 40;
  settings.patience = 2;
  const TrainResult result = train(*backbone_, toy_splits(1, true), settings);
  EXPECT_LT(result.epochs, 40);
  ASSERT_TRUE(result.best_validation_accuracy.has_value());
  Predictor predictor(*backbone_);
  predictor.select(result.task);
  LoaderOptions loader;
  const Features features =
      extract_features(*backbone_, toy_splits(1, true).validation,
                       test_transform(settings.input, backbone_->info().preprocessing), loader);
  EXPECT_DOUBLE_EQ(
      measure_accuracy(head_scores(result.task.head.value(), features.values).argmax(1),
                       features.labels, 3)
          .accuracy,
      *result.best_validation_accuracy);
}

TEST_F(Train, FrozenBatchNormKeepsTheStatistics) {
  TrainSettings settings = short_settings(Method::fs);
  settings.batch_norm = BatchNorm::frozen;
  const Task task = train(*backbone_, toy_splits(), settings).task;
  for (const auto& [name, statistic] : task.statistics)
    EXPECT_TRUE(at::equal(statistic, backbone_->buffers().at(name))) << name;
}

TEST_F(Train, StartsFromATasksMask) {
  TrainSettings settings = short_settings(Method::fs);
  const Task first = train(*backbone_, toy_splits(1), settings).task;
  write_task(folder_ / "first", pack_task(first));
  settings.from_task = (folder_ / "first").string();
  settings.update.rate = 1e-12;
  settings.epochs = 1;
  const Task second = train(*backbone_, toy_splits(2), settings).task;
  ASSERT_GT(first.masked_fraction(), 0);
  for (size_t i = 0; i < first.units.size(); ++i)
    EXPECT_EQ(first.units[i].bits, second.units[i].bits);
}

// The head has an update of its own: each of its settings reaches it, and none of the mask's does.
TEST_F(Train, TheHeadFollowsItsOwnUpdateSettings) {
  const auto head_of = [&](const std::function<void(TrainSettings&)>& change) {
    TrainSettings settings = short_settings(Method::fs);
    settings.epochs = 1;
    settings.update.rate = 1e-12;  // the mask stays, so that only the head's settings can tell
    change(settings);
    return std::get<LinearHead>(train(*backbone_, toy_splits(), settings).task.head.value()).weight;
  };
  const at::Tensor usual = head_of([](TrainSettings&) {});
  const std::vector<std::function<void(TrainSettings&)>> changes = {
      [](TrainSettings& s) { s.head_update.rate *= 2; },
      [](TrainSettings& s) { s.head_update.rule = UpdateRule::adam; },
      [](TrainSettings& s) { s.head_update.momentum = 0.5; },
      [](TrainSettings& s) { s.head_update.nesterov = !s.head_update.nesterov; },
      [](TrainSettings& s) { s.head_update.weight_decay = 0.1; },
  };
  for (size_t i = 0; i < changes.size(); ++i)
    EXPECT_FALSE(at::equal(head_of(changes[i]), usual)) << "change " << i;
  EXPECT_TRUE(at::equal(head_of([](TrainSettings& s) { s.update.nesterov = true; }), usual));
}

TEST_F(Train, EveryVariantLearnsAMask) {
  for (const CriterionKind criterion :
       {CriterionKind::threshold, CriterionKind::topk, CriterionKind::flip}) {
    for (const HeadKind head : {HeadKind::linear, HeadKind::masked}) {
      TrainSettings settings = short_settings(Method::fs);
      settings.epochs = 1;
      settings.criterion.kind = criterion;
      settings.head = head;
      settings.accumulate = 2;
      settings.label_smoothing = 0.1;
      settings.class_weights = ClassWeights::balanced;
      const Task task = train(*backbone_, toy_splits(), settings).task;
      EXPECT_EQ(task.units.size(), backbone_->mask_units().size());
      const auto& learned = std::get<LinearHead>(task.head.value());
      EXPECT_TRUE(learned.weight.isfinite().all().item<bool>());
    }
  }
  TrainSettings settings = short_settings(Method::fs);
  settings.criterion.kind = CriterionKind::topk;
  settings.criterion_schedule = {1.0, 0.5};
  EXPECT_NEAR(train(*backbone_, toy_splits(), settings).task.masked_fraction(), 0.5, 0.01);
  settings = short_settings(Method::fs);
  const Task float32_task = train(*backbone_, toy_splits(), settings).task;
  backbone_->set_precision(Precision::bfloat16);
  EXPECT_NE(task_bytes(train(*backbone_, toy_splits(), settings).task), task_bytes(float32_task));
}

TEST_F(Train, AClipHeadStaysAsItWasMade) {
  at::manual_seed(5);
  const at::Tensor directions = at::randn({3, 64});
  const CosineHead head{20 * directions / directions.norm(2, {1}, true)};
  for (const Method method : {Method::fs, Method::fft}) {
    TrainSettings settings = short_settings(method);
    EXPECT_THROW(
        {
          settings.head = HeadKind::clip;
          train(*backbone_, toy_splits(), settings);
        },
        Error);  // none was made
    settings.clip_head = head;
    settings.prompts = {"{label}"};
    const TrainResult result = train(*backbone_, toy_splits(), settings);
    EXPECT_TRUE(at::equal(std::get<CosineHead>(result.task.head.value()).weight, head.weight));
    EXPECT_NE(result.task.provenance.find(R"("prompts":["{label}"])"), std::string::npos);
    if (result.state_dict.empty()) continue;
    write_safetensors(folder_ / "weights", result.state_dict, {});
    const auto loaded = Backbone::load("resnet20", (folder_ / "weights").string());
    EXPECT_TRUE(at::equal(std::get<CosineHead>(loaded->head().value()).weight, head.weight));
  }
  TrainSettings settings = short_settings(Method::lp);
  settings.head = HeadKind::clip;
  settings.clip_head = head;
  EXPECT_THROW(train(*backbone_, toy_splits(), settings), Error);
}

TEST_F(Train, SelectiveMaskingTouchesOnlyTheSelection) {
  TrainSettings settings = short_settings(Method::fs);
  settings.selection.stages = 1;
  for (const UnitMask& unit : train(*backbone_, toy_splits(), settings).task.units)
    EXPECT_TRUE(unit.name.starts_with("conv1") || unit.name.starts_with("layer1")) << unit.name;
  settings = short_settings(Method::fs);
  settings.selection.largest_share = 0.1;
  EXPECT_LE(train(*backbone_, toy_splits(), settings).task.masked_fraction(), 0.1001);
}

TEST_F(Train, TunesOnTheValidationPart) {
  TrainSettings settings = short_settings(Method::fs);
  EXPECT_THROW(tune_rate(*backbone_, toy_splits(), settings, 2), Error);
  const auto trials = tune_rate(*backbone_, toy_splits(1, true), settings, 3);
  ASSERT_EQ(trials.size(), 3U);
  double best = 0, rate = 0;
  for (const TuneTrial& trial : trials)
    if (trial.validation_accuracy > best) best = trial.validation_accuracy, rate = trial.rate;
  EXPECT_EQ(settings.update.rate, rate);
}

TEST_F(Train, RefusesSettingsThatCannotBeMet) {
  const auto expect_refused = [&](auto change) {
    TrainSettings settings = short_settings(Method::fs);
    change(settings);
    EXPECT_THROW(train(*backbone_, toy_splits(), settings), Error);
  };
  backbone_->set_precision(Precision::float16);
  expect_refused([](TrainSettings&) {});
  backbone_->set_precision(Precision::float32);
  expect_refused([](TrainSettings& s) { s.epochs = 0; });
  expect_refused([](TrainSettings& s) { s.update.rate = -1; });
  expect_refused([](TrainSettings& s) { s.warmup_epochs = 3; });
  expect_refused([](TrainSettings& s) { s.patience = 1; });
  expect_refused(
      [](TrainSettings& s) { s.criterion.keep_share = 2, s.criterion.kind = CriterionKind::topk; });
}

}  // namespace
}  // namespace submask
