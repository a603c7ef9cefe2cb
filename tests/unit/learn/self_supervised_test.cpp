#include <cmath>
#include <gtest/gtest.h>
#include <unistd.h>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/train.h>

#include "base/file.h"
#include "learn/self_supervised_watch.h"
#include "toy_data.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// Three epochs of four batches: the prototypes are frozen in the first, the queue starts in the
// second and is full in the third.
TrainSettings toy_settings(const std::string& method) {
  TrainSettings settings = recipe_settings("default", method, backbone_info("resnet20"));
  settings.epochs = 3;
  settings.batch_size = 12;
  settings.workers = 1;
  settings.swav.hidden_mlp = 16;
  settings.swav.feat_dim = 8;
  settings.swav.nmb_prototypes = 6;
  settings.swav.queue_length = 36;
  settings.swav.epoch_queue_starts = 1;
  settings.crops = {parse_crop("count=2,size=16,crop=random,scale-min=.5"),
                    parse_crop("count=2,size=8,crop=random,scale-min=.2,scale-max=.5")};
  return settings;
}

class SelfSupervised : public testing::Test {
 protected:
  SelfSupervised()
      : folder_(fs::path(testing::TempDir()) /
                ("submask_self_supervised_" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  ~SelfSupervised() override { fs::remove_all(folder_); }

  std::string task_bytes(const Task& task) {
    write_task(folder_ / "task", task);
    return read_text_file(folder_ / "task");
  }

  fs::path folder_;
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
};

TEST_F(SelfSupervised, AMaskIsLearnedWithoutLabelsAndHasNoHead) {
  std::vector<TrainProgress> epochs;
  TrainHooks hooks;
  hooks.progress = [&](const TrainProgress& progress) {
    if (progress.epoch_done) epochs.push_back(progress);
  };
  const TrainResult result = train(*backbone_, toy_splits(1, true), toy_settings("ssl-fs"), hooks);
  EXPECT_TRUE(result.task.head.empty());
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

TEST_F(SelfSupervised, LabelsChangeNothing) {
  DataSplits data = toy_splits();
  const std::string first = task_bytes(train(*backbone_, data, toy_settings("ssl-fs")).task);
  data.train = std::make_shared<OtherLabels>(data.train);
  EXPECT_EQ(task_bytes(train(*backbone_, data, toy_settings("ssl-fs")).task), first);
}

TEST_F(SelfSupervised, ResumesToTheSameBitsInEveryPhase) {
  for (const char* method : {"ssl-fs", "ssl-ft"}) {
    TrainSettings settings = toy_settings(method);
    const TrainResult whole = train(*backbone_, toy_splits(), settings);
    settings.checkpoint = (folder_ / method).string();
    int stops = 0;
    for (;; ++stops) {
      ASSERT_LT(stops, 13);
      int batches = 0;
      TrainHooks hooks;
      hooks.should_stop = [&] { return ++batches == 1; };  // after every batch
      try {
        const TrainResult resumed = train(*backbone_, toy_splits(), settings, hooks);
        EXPECT_EQ(task_bytes(resumed.task), task_bytes(whole.task)) << method;
        ASSERT_EQ(resumed.state_dict.size(), whole.state_dict.size());
        for (const auto& [name, tensor] : whole.state_dict)
          EXPECT_TRUE(at::equal(resumed.state_dict.at(name), tensor)) << name;
        break;
      } catch (const Error& error) {
        ASSERT_EQ(error.kind(), ErrorKind::interrupted) << error.what();
      }
    }
    EXPECT_EQ(stops, 12) << method;
  }
}

TEST_F(SelfSupervised, SaysWhatWillNotWork) {
  TrainSettings settings = toy_settings("ssl-fs");
  settings.epochs = 1;
  settings.batch_size = 64;
  settings.swav.nmb_prototypes = 100;
  std::string notes;
  TrainHooks hooks;
  hooks.note = [&](const std::string& note) { notes += note + "\n"; };
  train(*backbone_, toy_splits(), settings, hooks);
  EXPECT_NE(notes.find("48 images for 100 prototypes"), std::string::npos) << notes;
  EXPECT_NE(notes.find("fewer than a batch of 64"), std::string::npos) << notes;
  settings.crops = {CropRecipe()};
  EXPECT_THROW(train(*backbone_, toy_splits(), settings), Error);
}

TEST(SelfSupervisedWatch, WarnsOnceOfEach) {
  SelfSupervisedWatch watch;
  SelfSupervisedProgress progress{std::log(100.0), 1, 1, 1};
  int warnings = 0;
  std::string last;
  const auto look = [&](double loss, int times) {
    for (int i = 0; i < times; ++i)
      if (const auto warning = watch.look(loss, progress)) {
        ++warnings;
        last = *warning;
      }
  };
  look(4.605, 299);
  look(4.2, 1);
  look(4.605, 299);
  EXPECT_EQ(warnings, 0);
  look(4.605, 1000);
  EXPECT_EQ(warnings, 1);
  EXPECT_NE(last.find("ln(100) for 300 steps"), std::string::npos) << last;
  progress.spread = 0.01;
  look(1, 100);
  EXPECT_EQ(warnings, 2);
  EXPECT_NE(last.find("collapsed"), std::string::npos) << last;
}

}  // namespace
}  // namespace submask
