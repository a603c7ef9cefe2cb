#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/train.h>

#include "base/file.h"
#include "base/names.h"
#include "self_supervised_toy.h"
#include "toy_data.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class LearnWithoutLabels : public testing::Test {
 protected:
  LearnWithoutLabels()
      : folder_(fs::path(testing::TempDir()) /
                ("submask_self_supervised_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~LearnWithoutLabels() override { fs::remove_all(folder_); }

  std::string task_bytes(const Task& task) {
    write_task(folder_ / "task", pack_task(task));
    return read_text_file(folder_ / "task");
  }

  fs::path folder_;
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
};

TEST_F(LearnWithoutLabels, AMaskIsLearnedWithoutLabelsAndHasNoHead) {
  std::vector<TrainProgress> epochs;
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& progress) {
    if (progress.epoch_done) epochs.push_back(progress);
  };
  const TrainResult result =
      train(*backbone_, toy_splits(1, true), toy_settings(Method::ssl_fs), hooks);
  EXPECT_FALSE(result.task.head);
  EXPECT_GT(result.task.masked_fraction(), 0);
  ASSERT_EQ(epochs.size(), 3U);
  for (const TrainProgress& epoch : epochs) {
    EXPECT_TRUE(std::isfinite(epoch.loss));
    EXPECT_EQ(epoch.accuracy, 0);
    ASSERT_TRUE(epoch.self_supervised.has_value());
    EXPECT_DOUBLE_EQ(epoch.self_supervised->uniform_loss, std::log(6.0));
    EXPECT_GT(epoch.self_supervised->assignment_entropy, 0);
    EXPECT_LE(epoch.self_supervised->assignment_entropy, std::log(6.0) + 1e-6);
    EXPECT_GT(epoch.self_supervised->prototypes_in_use, 0);
    EXPECT_GT(epoch.self_supervised->spread, 0);
    // Three colours: neighbours tell them apart.
    EXPECT_GT(epoch.validation_accuracy.value_or(0), 0.5);
  }
  EXPECT_FALSE(result.best_validation_accuracy.has_value());
}

// A set of other labels over the same images.
class OtherLabels final : public Dataset {
 public:
  explicit OtherLabels(std::shared_ptr<const Dataset> images) : images_(std::move(images)) {}
  int64_t size() const override { return images_->size(); }
  int64_t label(int64_t) const override { return 0; }
  Image read(int64_t index, const ImageRequest& request) const override {
    return images_->read(index, request);
  }
  std::string image_name(int64_t index) const override { return images_->image_name(index); }
  const std::vector<std::string>& class_names() const override { return images_->class_names(); }
  std::string digest() const override { return images_->digest(); }

 private:
  std::shared_ptr<const Dataset> images_;
};

TEST_F(LearnWithoutLabels, LabelsChangeNothing) {
  DataSplits data = toy_splits();
  const std::string first = task_bytes(train(*backbone_, data, toy_settings(Method::ssl_fs)).task);
  data.train = std::make_shared<OtherLabels>(data.train);
  EXPECT_EQ(task_bytes(train(*backbone_, data, toy_settings(Method::ssl_fs)).task), first);
}

TEST_F(LearnWithoutLabels, DinoLearnsAMaskAndIsWatchedByItsTeachersOutputs) {
  std::vector<TrainProgress> epochs;
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& progress) {
    if (progress.epoch_done) epochs.push_back(progress);
  };
  TrainSettings settings = toy_settings(Method::ssl_fs, SelfSupervised::dino);
  const TrainResult result = train(*backbone_, toy_splits(1, true), settings, hooks);
  EXPECT_FALSE(result.task.head);
  EXPECT_GT(result.task.masked_fraction(), 0);
  EXPECT_NE(result.task.provenance.find("\"bottleneck_dim\":8"), std::string::npos);
  EXPECT_EQ(result.task.provenance.find("nmb_prototypes"), std::string::npos);
  ASSERT_EQ(epochs.size(), 3U);
  for (const TrainProgress& epoch : epochs) {
    EXPECT_TRUE(std::isfinite(epoch.loss));
    ASSERT_TRUE(epoch.self_supervised.has_value());
    EXPECT_DOUBLE_EQ(epoch.self_supervised->uniform_loss, std::log(12.0));
    EXPECT_GT(epoch.self_supervised->assignment_entropy, 0);
    EXPECT_LE(epoch.self_supervised->assignment_entropy, std::log(12.0) + 1e-6);
    EXPECT_GT(epoch.self_supervised->prototypes_in_use, 0);
    EXPECT_GT(epoch.self_supervised->spread, 0);
    EXPECT_GT(epoch.validation_accuracy.value_or(0), 0.5);
  }
}

// The teacher's pass has statistics of its own: with rates of next to nothing the student's are
// those that its own crops give, whatever the objective.
TEST_F(LearnWithoutLabels, TheTeachersPassLeavesTheStudentsStatisticsAlone) {
  TrainSettings settings = toy_settings(Method::ssl_ft, SelfSupervised::swav);
  settings.epochs = 1;
  settings.update.rate = 1e-30;
  settings.update.weight_decay = 0;
  const TensorMap swav = train(*backbone_, toy_splits(), settings).state_dict;
  settings.self_supervised.objective = SelfSupervised::dino;
  const TensorMap dino = train(*backbone_, toy_splits(), settings).state_dict;
  int statistics = 0;
  for (const auto& [name, tensor] : swav)
    if (name.ends_with("running_mean") || name.ends_with("running_var")) {
      EXPECT_TRUE(at::equal(dino.at(name), tensor)) << name;
      ++statistics;
    }
  EXPECT_EQ(statistics, 38);
}

void expect_resume(Backbone& backbone, TrainSettings settings, const fs::path& folder,
                   const std::function<std::string(const Task&)>& bytes) {
  const TrainResult whole = train(backbone, toy_splits(), settings);
  settings.checkpoint =
      (folder / (name_of(settings.method) + name_of(settings.self_supervised.objective))).string();
  int stops = 0;
  for (;; ++stops) {
    ASSERT_LT(stops, 13);
    int batches = 0;
    TrainHooks hooks;
    hooks.should_stop = [&] { return ++batches == 1; };  // after every batch
    try {
      const TrainResult resumed = train(backbone, toy_splits(), settings, hooks);
      EXPECT_EQ(bytes(resumed.task), bytes(whole.task));
      ASSERT_EQ(resumed.state_dict.size(), whole.state_dict.size());
      for (const auto& [name, tensor] : whole.state_dict)
        EXPECT_TRUE(at::equal(resumed.state_dict.at(name), tensor)) << name;
      break;
    } catch (const Error& error) {
      ASSERT_EQ(error.kind(), ErrorKind::stopped) << error.what();
    }
  }
  EXPECT_EQ(stops, 12);
}

TEST_F(LearnWithoutLabels, ResumesToTheSameBitsInEveryPhase) {
  for (const SelfSupervised objective : {SelfSupervised::swav, SelfSupervised::dino})
    for (const Method method : {Method::ssl_fs, Method::ssl_ft}) {
      SCOPED_TRACE(name_of(objective) + " " + name_of(method));
      expect_resume(*backbone_, toy_settings(method, objective), folder_,
                    [&](const Task& task) { return task_bytes(task); });
    }
}

TEST_F(LearnWithoutLabels, ATransformerTakesCropsOfTwoSizes) {
  const auto vit = Backbone::create("vit_tiny_patch16_224", 3);
  TrainSettings settings = toy_settings(Method::ssl_fs, SelfSupervised::dino);
  settings.epochs = 1;
  settings.input.batch_size = 24;
  settings.update.rate = 500;
  settings.crops = {parse_crop("count=2,size=96,crop=random"),
                    parse_crop("count=1,size=48,crop=random,scale-max=.5")};
  TrainHooks hooks;
  double loss = 0;
  hooks.progress = [&](const TrainProgress& progress) { loss = progress.loss; };
  const TrainResult result = train(*vit, toy_splits(), settings, hooks);
  EXPECT_TRUE(std::isfinite(loss));
  EXPECT_GT(loss, 0);
  EXPECT_GT(result.task.masked_fraction(), 0);
  settings.crops[1].size = 40;
  try {
    train(*vit, toy_splits(), settings);
    FAIL() << "expected a refusal";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("whole patches of 16 pixels"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace submask
