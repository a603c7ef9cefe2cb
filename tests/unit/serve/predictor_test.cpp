#include <fstream>
#include <gtest/gtest.h>

#include <submask/error.h>
#include <submask/predictor.h>

#include "mask/random_task.h"
#include "run/small_runs.h"

namespace submask {
namespace {

constexpr double exact = 1e-6;

class PredictorOfFiles : public testing::Test {
 protected:
  // A task with a head of three classes, the names of which are given or not.
  std::string task_file(const std::string& name, const std::vector<std::string>& classes) {
    const auto backbone = Backbone::load("resnet20", "");
    Task task = random_task(*backbone, 3, 0.9);
    task.head = LinearHead{at::randn({3, backbone->info().feature_width}), at::randn({3})};
    task.classes = classes;
    task.preprocessing = backbone->info().preprocessing;
    const auto path = scratch_folder() / name;
    write_task(path, pack_task(task, *backbone));
    return path.string();
  }
  std::string image_ = small_images() + "/test/light/0.png";
};

TEST_F(PredictorOfFiles, NamesClassesTheLikeliestFirst) {
  Predictor predictor(task_file("named.task", {"cat", "dog", "emu"}));
  const std::vector<Prediction> all = predictor.predict(image_);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_GE(all[0].probability, all[1].probability);
  EXPECT_GE(all[1].probability, all[2].probability);
  EXPECT_NEAR(all[0].probability + all[1].probability + all[2].probability, 1, exact);
  EXPECT_EQ(predictor.predict(image_, 1).size(), 1U);
  EXPECT_EQ(predictor.predict(image_, 1).front().label, all[0].label);
  EXPECT_TRUE(predictor.predict(image_, 0).empty());
  EXPECT_EQ(predictor.predict(read_image(image_), 1).front().probability, all[0].probability);
  EXPECT_EQ(predictor.classes().size(), 3U);
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

TEST_F(PredictorOfFiles, SaysWhatWillNotWork) {
  EXPECT_THROW(Predictor((scratch_folder() / "none.task").string()), Error);
  EXPECT_THROW(Predictor(text_file("no.task", "not a task")), Error);
  Predictor predictor(task_file("fine.task", {"a", "b", "c"}));
  EXPECT_THROW(predictor.predict(scratch_folder() / "none.png"), Error);
  EXPECT_THROW(predictor.predict(text_file("no.png", "not an image")), Error);
  EXPECT_THROW(predictor.select(text_file("no2.task", "not a task")), Error);
  EXPECT_EQ(predictor.predict(image_).size(), 3U);  // what was selected stays
  predictor.select(small_task(1));
  EXPECT_THROW(predictor.predict(image_), Error);  // no head
}

}  // namespace
}  // namespace submask
