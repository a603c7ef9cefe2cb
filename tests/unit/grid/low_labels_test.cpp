#include "grid/low_labels.h"

#include <cmath>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <regex>

#include <submask/error.h>
#include <submask/evaluate.h>

#include "base/file.h"
#include "base/random.h"
#include "data/set/choose_images.h"
#include "error_of.h"
#include "learn/toy_data.h"
#include "mask/weight_set.h"
#include "scratch_folder.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

class LowLabelRun : public testing::Test {
 protected:
  LowLabelRun() {
    options_.folder = fresh_folder("low_labels");
    options_.methods = {{{}, Method::lp}, {{}, Method::fs}, {Method::ssl_fs}};
    options_.labels = {"50p", "100p"};
    options_.seeds = {3};
    options_.most_epochs = 3;
  }

  TrainSettings settings(Method method) const {
    TrainSettings settings = recipe_settings("one-rate", method, backbone_info("resnet20"));
    settings.epochs = epochs_;
    settings.input.batch_size = 12;
    settings.input.workers = 1;
    settings.self_supervised.swav.nmb_prototypes = 6;
    return settings;
  }

  std::vector<LowLabelCell> run() {
    learned_.clear();
    return run_low_labels(
        *backbone_, data_, [&](Method method) { return settings(method); }, options_,
        [&](const std::string& label) {
          learned_.push_back(label);
          return TrainHooks();
        });
  }

  static void expect_same(const LowLabelCell& got, const LowLabelCell& expected) {
    EXPECT_EQ(got.method, expected.method);
    EXPECT_EQ(got.epochs, expected.epochs);
    EXPECT_EQ(got.accuracy, expected.accuracy);
    EXPECT_EQ(got.masked_fraction, expected.masked_fraction);
  }

  // Of what was learned with a head, by the network that is bound.
  double test_accuracy(const Head& head, const TrainSettings& settings) {
    const Features test =
        extract_features(*backbone_, data_.test,
                         test_transform(settings.input, backbone_->info().preprocessing), {});
    return measure_accuracy(head_scores(head, test.values).argmax(1), test.labels, 3).accuracy;
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
  EXPECT_EQ(cells[1].accuracy, test_accuracy(task.head.value(), probe));
}

TEST_F(LowLabelRun, GoesOnWithWhatIsMissing) {
  const std::vector<LowLabelCell> cells = run();
  run();
  EXPECT_THAT(learned_, testing::IsEmpty());
  for (const char* name : {"fs-50p-seed3.json", "ssl-fs-50p-seed3.json"})
    fs::remove(options_.folder / "cells" / name);
  const std::vector<LowLabelCell> again = run();
  EXPECT_THAT(learned_, testing::ElementsAre("fs-50p-seed3")) << "the mask is in the folder";
  for (size_t i = 0; i < cells.size(); ++i) expect_same(again[i], cells[i]);
  EXPECT_GT(again[4].seconds, cells[4].seconds / 2) << "with those that the mask took";
}

// What was learned without labels is learned once for all methods that begin with it, and then goes
// on as a run of its own would with --from.
TEST_F(LowLabelRun, LearnsFromFewLabelsWhatBeganWithoutLabels) {
  options_.labels = {"50p"};
  options_.methods = {
      {Method::ssl_fs, Method::fft}, {Method::ssl_fs}, {Method::ssl_fs, Method::fs}};
  const std::vector<LowLabelCell> cells = run();
  EXPECT_THAT(learned_,
              testing::ElementsAre("ssl-fs-seed3", "ssl-fs+fft-50p-seed3", "ssl-fs+fs-50p-seed3"));
  ASSERT_EQ(cells.size(), 3U);
  DataSplits labelled = data_;
  labelled.train =
      subset(data_.train, choose_images(*data_.train, "50p", random_stream(3, Stream::labels)));
  for (const LowLabelCell& cell : {cells[0], cells[2]}) {
    SCOPED_TRACE(name_of(cell.method));
    TrainSettings alone = settings(cell.method.from_labels);
    alone.seed = 3;
    alone.epochs = 3;
    alone.from_task = (options_.folder / "ssl-fs-seed3.task").string();
    const TrainResult learned = train(*backbone_, labelled, alone);
    TensorMap weights = learned.state_dict;
    if (weights.empty()) apply_task(learned.task, *backbone_, weights);
    std::erase_if(weights, [&](const auto& item) {
      return item.first.starts_with(backbone_->info().head_name);
    });
    const WeightBinding binding(*backbone_, weights);
    const double accuracy = test_accuracy(learned.task.head.value(), alone);
    EXPECT_EQ(cell.epochs, 3);
    EXPECT_EQ(cell.accuracy, accuracy);
    EXPECT_EQ(cell.masked_fraction, learned.task.masked_fraction());
  }

  // The same in a run that goes on.
  fs::remove(options_.folder / "cells" / "ssl-fs_fs-50p-seed3.json");
  expect_same(run().back(), cells[2]);
  EXPECT_THAT(learned_, testing::ElementsAre("ssl-fs+fs-50p-seed3"));
}

TEST_F(LowLabelRun, TakesNoNetworkOfOtherSettings) {
  options_.labels = {"100p"};
  options_.methods = {{Method::ssl_fs}};
  const auto networks_learned_again = [&] {
    fs::remove_all(options_.folder / "cells");
    const LowLabelCell cell = run().front();
    EXPECT_EQ(cell.epochs, epochs_);
    return learned_.size();
  };
  EXPECT_EQ(networks_learned_again(), 1U);
  epochs_ = 1;
  EXPECT_EQ(networks_learned_again(), 1U);
  EXPECT_EQ(networks_learned_again(), 0U);
  // Another file in its place is not what the record speaks of.
  write_file_atomically(options_.folder / "ssl-fs-seed3.task", as_bytes("another"));
  EXPECT_EQ(networks_learned_again(), 1U);
  const fs::path record = options_.folder / "ssl-fs-seed3.json";
  write_file_atomically(record, as_bytes("{}"));
  fs::remove_all(options_.folder / "cells");
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { run(); }),
            "expected the record of a low-label network, got {}, in " + record.string());
}

TEST(LowLabelMethods, HaveNames) {
  for (const LowLabelMethod& method : low_label_methods())
    EXPECT_EQ(low_label_method(name_of(method), "a method"), method);
  EXPECT_EQ(name_of(LowLabelMethod{Method::ssl_fs, Method::fft}), "ssl-fs+fft");
  EXPECT_THAT(
      error_of(ErrorKind::invalid_argument, [] { low_label_method("ssl-ft+fft", "a method"); }),
      testing::StartsWith("expected a method (ssl-fs+fft? "));
}

TEST_F(LowLabelRun, RefusesResultsOfOtherSettingsAndDamagedOnes) {
  options_.methods = {{{}, Method::fft}};
  run();
  const fs::path path = options_.folder / "cells" / "fft-100p-seed3.json";
  const auto refused = [&](ErrorKind kind) { return error_of(kind, [&] { run(); }); };
  const std::string whole = read_text_file(path);
  for (const char* value : {"7.5", "null", "-1"}) {
    const std::string changed = std::regex_replace(whole, std::regex("\"accuracy\": [0-9.]+"),
                                                   "\"accuracy\": " + std::string(value));
    ASSERT_NE(changed, whole);
    write_file_atomically(path, as_bytes(changed));
    EXPECT_THAT(refused(ErrorKind::corrupt_file), testing::HasSubstr(path.string())) << value;
  }
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

  options_.labels = {"50p", "50p"};
  EXPECT_EQ(refused(ErrorKind::invalid_argument),
            "expected each number of labels once, got 50p twice");
}

}  // namespace
}  // namespace submask
