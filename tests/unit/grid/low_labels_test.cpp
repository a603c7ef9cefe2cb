#include "grid/low_labels.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "base/file.h"
#include "error_of.h"
#include "learn/toy_data.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class LowLabelRun : public testing::Test {
 protected:
  LowLabelRun() {
    options_.folder = fresh_folder("low_labels");
    options_.methods = {Method::lp, Method::fs, Method::ssl_fs};
    options_.labels = {"50p", "100p"};
    options_.seeds = {3};
    options_.most_epochs = 3;
  }

  std::vector<LowLabelCell> run() {
    learned_.clear();
    return run_low_labels(
        *backbone_, data_,
        [&](Method method) {
          TrainSettings settings = recipe_settings("default", method, backbone_info("resnet20"));
          settings.epochs = epochs_;
          settings.input.batch_size = 12;
          settings.input.workers = 1;
          settings.self_supervised.swav.nmb_prototypes = 6;
          return settings;
        },
        options_,
        [&](const std::string& label) {
          learned_.push_back(label);
          return TrainHooks();
        });
  }

  int64_t epochs_ = 2;
  LowLabelOptions options_;
  std::unique_ptr<Backbone> backbone_ = Backbone::create("resnet20", 3);
  DataSplits data_ = toy_splits(1, true);
  std::vector<std::string> learned_;  // labels of the networks of the last run
};

TEST_F(LowLabelRun, MeasuresEveryMethodAtEveryNumberOfLabels) {
  const std::vector<LowLabelCell> cells = run();
  ASSERT_EQ(cells.size(), 6U);
  const int64_t all = data_.train->size();
  EXPECT_EQ(cells[0].labelled_images, all / 2);
  EXPECT_EQ(cells[1].labelled_images, all);
  EXPECT_EQ(cells[2].epochs, 3) << "as many steps as on all images, but at most three epochs";
  EXPECT_EQ(cells[3].epochs, 2);
  EXPECT_GT(cells[5].masked_fraction + cells[3].masked_fraction, 0);
  EXPECT_THAT(learned_, testing::ElementsAre("fs-50p-seed3", "fs-100p-seed3", "ssl-fs-seed3"));
  EXPECT_TRUE(fs::exists(options_.folder / "ssl-fs-seed3.task"));

  // All labels, the frozen network: what train() says of a linear probe.
  TrainSettings probe = recipe_settings("default", Method::lp, backbone_info("resnet20"));
  probe.input.workers = 1;
  const Task task = train(*backbone_, data_, probe).task;
  const Features test = extract_features(
      *backbone_, data_.test, test_transform(probe.input, backbone_->info().preprocessing), {});
  const auto predictions = head_scores(task.head.value(), test.values).argmax(1);
  EXPECT_EQ(cells[1].accuracy,
            measure_accuracy(predictions, test.labels, static_cast<int64_t>(task.classes.size()))
                .accuracy);
}

TEST_F(LowLabelRun, GoesOnWithWhatIsMissing) {
  const std::vector<LowLabelCell> cells = run();
  run();
  EXPECT_THAT(learned_, testing::IsEmpty());
  fs::remove(options_.folder / "cells" / "ssl-fs-50p-seed3.json");
  const std::vector<LowLabelCell> again = run();
  EXPECT_THAT(learned_, testing::ElementsAre("ssl-fs-seed3"));
  for (size_t i = 0; i < cells.size(); ++i) EXPECT_EQ(again[i].accuracy, cells[i].accuracy) << i;
}

TEST_F(LowLabelRun, RefusesResultsOfOtherSettingsAndDamagedOnes) {
  options_.methods = {Method::fft};
  run();
  const fs::path path = options_.folder / "cells" / "fft-100p-seed3.json";
  const auto refused = [&](ErrorKind kind) { return error_of(kind, [&] { run(); }); };
  write_file_atomically(path, as_bytes("{\"fingerprint\": 3"));
  EXPECT_EQ(refused(ErrorKind::corrupt_file),
            "expected a cell of low-label results, got text that is no JSON, in " + path.string());
  write_file_atomically(path, as_bytes("{\"fingerprint\": 3}"));
  EXPECT_EQ(refused(ErrorKind::corrupt_file),
            "expected a cell of low-label results, got {\"fingerprint\":3}, in " + path.string());
  const std::string other = "expected a result of these settings and data, got one of others, in ";
  write_file_atomically(path, as_bytes("{\"fingerprint\": \"x\", \"cell\": {}}"));
  EXPECT_EQ(refused(ErrorKind::invalid_argument), other + path.string());
  fs::remove(path);
  run();
  epochs_ = 1;  // of other settings are all cells now, and the first one is told
  EXPECT_EQ(refused(ErrorKind::invalid_argument),
            other + (options_.folder / "cells" / "fft-50p-seed3.json").string());
}

}  // namespace
}  // namespace submask
