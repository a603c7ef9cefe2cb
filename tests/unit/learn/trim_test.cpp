#include "learn/trim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mask/weight_set.h"
#include "train_fixture.h"

namespace submask {
namespace {
using testing::HasSubstr;

class Trim : public Train {
 protected:
  TrainSettings settings(const std::string& folder) {
    TrainSettings settings = short_settings(Method::fs);
    settings.update.rate = 200;
    settings.checkpoint = (folder_ / folder).string();
    return settings;
  }
  static int64_t bytes_of(const PackedTask& packed) {
    return std::ssize(packed_task_bytes(packed));
  }
  PackedTask trim(const Task& task, int64_t bytes) {
    return trim_task(task, scores_of_run(folder_ / "run", task), bytes, 0, *backbone_, {},
                     [&](Task& trimmed) { refreshed_.push_back(trimmed.masked_fraction()); });
  }

  std::vector<double> refreshed_;
};

TEST_F(Trim, OfWeightsThatAreOffThoseNearestToTheThresholdAreOnAgain) {
  const TrainResult learned = train(*backbone_, toy_splits(), settings("run"));
  const int64_t whole = bytes_of(pack_task(learned.task, *backbone_));
  Task none = learned.task;
  for (UnitMask& unit : none.units) unit = pack_mask(unit.name, at::ones(unit.shape, at::kBool));
  const int64_t others = bytes_of(pack_task(none, *backbone_)), wanted = (whole + others) / 2;
  ASSERT_GT(whole, others + 1000);
  const PackedTask packed = trim(learned.task, wanted);
  EXPECT_LE(bytes_of(packed), wanted);
  EXPECT_GE(bytes_of(packed), wanted - 60) << "as many are off as the bytes allow";
  EXPECT_THAT(refreshed_, testing::ElementsAre(packed.masked_fraction()));

  const Task trimmed = unpack_task(packed, *backbone_);
  float highest_off = -1e9F, lowest_again = 1e9F;
  for (size_t i = 0; i < trimmed.units.size(); ++i) {
    const at::Tensor on = unpack_mask(trimmed.units[i]),
                     was_on = unpack_mask(learned.task.units[i]);
    EXPECT_TRUE((on | ~was_on).all().item<bool>()) << "no further weight is off";
    const at::Tensor& score = learned.scores.at(trimmed.units[i].name);
    const at::Tensor off = score.masked_select(~on), again = score.masked_select(on & ~was_on);
    if (off.numel() > 0) highest_off = std::max(highest_off, off.max().item<float>());
    if (again.numel() > 0) lowest_again = std::min(lowest_again, again.min().item<float>());
  }
  EXPECT_LT(highest_off, lowest_again);
  EXPECT_THAT(error_of(ErrorKind::invalid_argument, [&] { trim(learned.task, others / 2); }),
              HasSubstr("that the file takes with no weight off, got "));
}

TEST_F(Trim, TheBestEpochsScoresAreFoundAndThoseOfAnotherRunRefused) {
  TrainSettings with_validation = settings("run");
  with_validation.epochs = 3;
  const TrainResult learned = train(*backbone_, toy_splits(1, true), with_validation);
  const TensorMap scores = scores_of_run(folder_ / "run", learned.task);
  for (const auto& [name, score] : learned.scores)
    EXPECT_TRUE(score.equal(scores.at(name))) << name;

  TrainSettings other = settings("other");
  other.seed = 7;
  train(*backbone_, toy_splits(), other);
  const auto refused = [&](const char* folder) {
    return error_of(ErrorKind::invalid_argument,
                    [&] { scores_of_run(folder_ / folder, learned.task); });
  };
  EXPECT_THAT(refused("other"), HasSubstr("expected scores that give this mask by one threshold"));
  EXPECT_THAT(refused("none"), HasSubstr("expected a folder with a checkpoint, got none in "));
}

TEST_F(Trim, StatisticsMoveAsThoseOfTheImages) {
  const Task task = train(*backbone_, toy_splits(), settings("run")).task;
  const auto images = std::make_shared<ToyDataset>(12, 1);  // a single batch
  const InputSettings input;
  const Transform transform = test_transform(input, task.preprocessing);
  const auto before = backbone_->pretrained_buffers().at("bn1.running_mean").clone();
  const TensorMap measured =
      statistics_of(*backbone_, images, transform, loader_options(input), task);
  EXPECT_TRUE(backbone_->buffers().at("bn1.running_mean").equal(before)) << "none is left bound";

  Loader loader(images, transform, loader_options(input));
  loader.start_epoch(0);
  const at::Tensor batch = normalise(loader.next()->images(), task.preprocessing);
  WeightSet weights;
  apply_task(task, *backbone_, weights);
  const at::Tensor outputs = at::conv2d(batch, weights.at("conv1.weight").contiguous(), {}, 1, 1);
  EXPECT_TRUE(
      measured.at("bn1.running_mean").allclose(outputs.mean(at::IntArrayRef{0, 2, 3}), 1e-3, 1e-4));

  Task moved = task;
  move_statistics(measured, measured, moved);
  TensorMap further = measured;
  for (auto& [name, statistic] : further)
    statistic = name.ends_with("mean") ? statistic + 1 : 2 * statistic + 1e-5;
  Task far = task;
  move_statistics(measured, further, far);
  for (const auto& [name, statistic] : task.statistics) {
    EXPECT_TRUE(moved.statistics.at(name).allclose(statistic)) << name;
    // A mean keeps the number of deviations that it lies beside that of the images.
    const at::Tensor& of_images = measured.at(name);
    const at::Tensor expected = name.ends_with("mean")
                                    ? of_images + 1 + (statistic - of_images) * std::sqrt(2.0)
                                    : 2 * statistic + 1e-5;
    EXPECT_TRUE(far.statistics.at(name).allclose(expected, 1e-4)) << name;
  }
}

TEST(RecordTrim, WhatWasMeasuredBeforeIsRemoved) {
  std::string provenance =
      R"({"method":"fs","accuracy":0.9,"n":10,"fit":{"probe":"lp","accuracy":0.8}})";
  record_trim(900, R"({"accuracy":0.7})", provenance);
  EXPECT_EQ(provenance,
            R"({"method":"fs","fit":{"probe":"lp"},"trimmed":{"bytes":900,"accuracy":0.7}})");
}

}  // namespace
}  // namespace submask
