#include <functional>
#include <gtest/gtest.h>

#include <submask/train.h>

#include "base/names.h"
#include "learn/settings_record.h"
#include "train_fixture.h"

namespace submask {
namespace {

TEST_F(Train, FrozenBatchNormKeepsTheStatistics) {
  TrainSettings settings = short_settings(Method::fs);
  settings.batch_norm = BatchNorm::frozen;
  const Task task = train(*backbone_, toy_splits(), settings).task;
  for (const auto& [name, statistic] : task.statistics)
    EXPECT_TRUE(at::equal(statistic, backbone_->buffers().at(name))) << name;
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
    settings.head = HeadKind::clip;
    EXPECT_EQ(refused(settings), "expected a clip head of shape [3, 64], got none");
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
  EXPECT_EQ(refused(settings), "expected --method fs or fft for --head clip, got lp");
}

TEST_F(Train, AFileSaysTheSettingsThatAreNotTheUsualOnes) {
  const std::vector<std::function<void(TrainSettings&)>> changes = {
      [](TrainSettings&) {},
      [](TrainSettings& s) { s.update.rate = 3; },
      [](TrainSettings& s) { s.update.rule = s.head_update.rule = UpdateRule::adam; },
      [](TrainSettings& s) { s.self_supervised.objective = SelfSupervised::dino; },
      [](TrainSettings& s) { s.score_start.kind = ScoreStartKind::magnitude; },
      [](TrainSettings& s) { s.head = HeadKind::masked; },
      [](TrainSettings& s) { s.selection.exclude = {"layer1*"}; },
      [](TrainSettings& s) {
        s.tuned_rates = {1, 2};
      },
  };
  for (const std::string& name : all_names<Method>()) {
    for (size_t i = 0; i < changes.size(); ++i) {
      TrainSettings settings;
      settings.method = *find_value<Method>(name);
      changes[i](settings);
      const nlohmann::json record = settings_record(settings, *backbone_);
      const nlohmann::json changed = changed_settings(settings, *backbone_);
      EXPECT_EQ(whole_settings(changed, "x.task"), record) << name << ", change " << i;
      EXPECT_EQ(whole_settings(record, "x.task"), record) << "files before had all of it";
      if (i == 0) {
        EXPECT_EQ(changed.dump(), R"({"method":")" + name + R"(","seed":0})");
      }
    }
  }
  EXPECT_EQ(error_of(ErrorKind::corrupt_file,
                     [] {
                       whole_settings({{"method", "x"}}, "x.task");
                     }),
            "expected a method: " + one_of(all_names<Method>()) + ", got 'x', in x.task");
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

TEST_F(Train, RefusesSettingsThatCannotBeMet) {
  const auto refused_with = [&](auto change) {
    TrainSettings settings = short_settings(Method::fs);
    change(settings);
    return refused(settings);
  };
  using S = TrainSettings;
  backbone_->set_precision(Precision::float16);
  EXPECT_EQ(refused_with([](S&) {}),
            "expected float32 or bfloat16 as the --precision to train in, got float16");
  backbone_->set_precision(Precision::float32);
  EXPECT_EQ(refused_with([](S& s) { s.epochs = 0; }),
            "expected at least one epoch (--epochs), got 0");
  EXPECT_EQ(refused_with([](S& s) { s.update.rate = -1; }), "expected a --rate above 0, got -1");
  EXPECT_EQ(refused_with([](S& s) { s.head_update.rate = -2; }),
            "expected a --head-rate of 0 or more, got -2");
  EXPECT_EQ(refused_with([](S& s) { s.crops.front().count = 2; }),
            "expected one crop an image (--crop) for learning from labels, got 2 crops");
  EXPECT_EQ(refused_with([](S& s) { s.warmup_epochs = 3; }),
            "expected a --warmup within the 2 epochs, got 3");
  EXPECT_EQ(refused_with([](S& s) { s.patience = 1; }),
            "expected a validation set (--validation) for --patience, got none");
  EXPECT_EQ(refused_with(
                [](S& s) { s.criterion.keep_share = 2, s.criterion.kind = CriterionKind::topk; }),
            "expected a share to --keep in (0, 1], got 2");
}

}  // namespace
}  // namespace submask
