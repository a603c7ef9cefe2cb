#include <algorithm>
#include <set>

#include "data/data_fixtures.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// 200 training images, 150 of them of class a; 20 test images.
const std::string& two_classes() {
  static const std::string spec = [] {
    const fs::path folder = fresh_folder("open_data");
    for (int i = 0; i < 150; ++i) put_file(folder / ("train/a/" + std::to_string(i) + ".png"), "");
    for (int i = 0; i < 50; ++i) put_file(folder / ("train/b/" + std::to_string(i) + ".png"), "");
    for (int i = 0; i < 10; ++i)
      for (const char* name : {"a", "b"})
        put_file(folder / "test" / name / (std::to_string(i) + ".png"), "");
    return "folder:" + folder.string();
  }();
  return spec;
}

DataOptions options_with(const std::optional<std::string>& labels,
                         const std::optional<std::string>& validation = std::nullopt,
                         uint64_t seed = 0) {
  return {.spec = two_classes(), .labels = labels, .validation = validation, .seed = seed};
}

std::set<std::string> names_of(const std::shared_ptr<const Dataset>& dataset) {
  std::set<std::string> names;
  for (int64_t i = 0; i < dataset->size(); ++i) names.insert(dataset->image_name(i));
  return names;
}

std::set<std::string> training_names(const std::optional<std::string>& labels, uint64_t seed = 0) {
  return names_of(open_data(options_with(labels, {}, seed)).train);
}

TEST(OpenData, LabelsArePercentagesOrCounts) {
  EXPECT_EQ(training_names(std::nullopt).size(), 200U);
  EXPECT_EQ(training_names("10p").size(), 20U);
  EXPECT_EQ(training_names("0.75p").size(), 2U);
  EXPECT_EQ(training_names("0.001p").size(), 1U);
  EXPECT_EQ(training_names("100p").size(), 200U);
  EXPECT_EQ(training_names("37").size(), 37U);
}

TEST(OpenData, LabelsFollowTheSeedAndNest) {
  const auto few = training_names("10p"), more = training_names("50");
  EXPECT_EQ(training_names("10p"), few);
  EXPECT_NE(training_names("10p", 1), few);
  EXPECT_TRUE(std::includes(more.begin(), more.end(), few.begin(), few.end()));
}

TEST(OpenData, LabelsAClassAreEqualShares) {
  const auto train = open_data(options_with("16/class")).train;
  std::vector<int> counts(2);
  for (int64_t i = 0; i < train->size(); ++i) ++counts.at(static_cast<size_t>(train->label(i)));
  EXPECT_EQ(counts, (std::vector<int>{16, 16}));
  EXPECT_EQ(training_names("60/class").size(), 60U + 50U);
}

TEST(OpenData, RefusesCountsThatMakeNoSense) {
  const auto refused = [](const DataOptions& options) {
    return error_of(ErrorKind::invalid_argument, [&] { open_data(options); });
  };
  const std::string counts =
      "expected a count of images (4000), a percentage (10p), a count a class (16/class), "
      "classes:NAME,... or file:FILE, got ";
  for (const char* labels : {"0", "-3", "0p", "101p", "p", "nanp", "infp", "ten", "10 p", "1e1",
                             "0/class", "/class", "99999999999999999999"})
    EXPECT_EQ(refused(options_with(labels)), counts + labels);
  EXPECT_EQ(refused(options_with("201")), "expected at most the 200 images there are, got 201");
  EXPECT_EQ(refused(options_with({}, "0")), counts + "0");
  for (const char* validation : {"200", "100p"})
    EXPECT_EQ(refused(options_with({}, validation)),
              std::string("expected a validation part that leaves images to train on, got ") +
                  validation);
}

TEST(OpenData, ValidationIsTakenOffTheTrainingSet) {
  const DataSplits data = open_data(options_with("50p", "20p"));
  EXPECT_EQ(data.validation->size(), 40);
  EXPECT_EQ(data.train->size(), 80);
  auto both = names_of(data.validation);
  both.merge(names_of(data.train));
  EXPECT_EQ(both.size(), 120U);
  EXPECT_EQ(open_data(options_with({})).validation, nullptr);
  EXPECT_EQ(names_of(open_data(options_with({}, "20p")).validation), names_of(data.validation));
}

TEST(OpenData, LimitsTakeTheFirstImages) {
  DataOptions options = options_with({});
  const DataSplits all = open_data(options);
  options.train_limit = 10;
  options.test_limit = 1000;
  const DataSplits data = open_data(options);
  ASSERT_EQ(data.train->size(), 10);
  for (int64_t i = 0; i < 10; ++i) EXPECT_EQ(data.train->image_name(i), all.train->image_name(i));
  EXPECT_EQ(data.test->size(), 20);
  EXPECT_NE(data.train->digest(), all.train->digest());
  EXPECT_EQ(data.test->digest(), all.test->digest());
  options.train_limit = -1;
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { open_data(options); }),
            "expected a training limit of 1 or more, got -1");
}

TEST(OpenData, RefusesUnknownSpecs) {
  const std::pair<const char*, const char*> refusals[] = {
      {"", "expected a data set (submask datasets lists them), got nothing"},
      {"/home/me/images", "expected a data set (submask datasets lists them), got /home/me/images"},
      {"fashon-mnist",
       "expected a data set (fashion-mnist? submask datasets lists them), got "
       "fashon-mnist"},
      {"Folder:/tmp", "expected a data set (folder? submask datasets lists them), got Folder"},
      {"folder", "expected folder:DIR as data, got folder"},
      {"cifar10:", "expected cifar10:DIR as data, got cifar10:"}};
  for (const auto& [spec, expected] : refusals)
    EXPECT_EQ(
        error_of(ErrorKind::invalid_argument,
                 [spec = spec] { open_data({.spec = spec, .labels = {}, .validation = {}}); }),
        expected);
}

TEST(Subset, ChecksItsIndices) {
  const auto train = open_data(options_with({})).train;
  EXPECT_EQ(subset(train, {5, 1, 5})->image_name(1), train->image_name(1));
  for (const int64_t index : {int64_t{-1}, train->size()})
    EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { subset(train, {index}); }),
              "expected indices of 0 to 199, got " + std::to_string(index));
  EXPECT_THROW(train->label(train->size()), std::out_of_range);
}

TEST(DatasetList, NamesWhatOpenDataTakes) {
  ASSERT_FALSE(dataset_list().empty());
  EXPECT_EQ(dataset_list().front().spec, "fashion-mnist[:DIR]");
  for (const DatasetInfo& info : dataset_list()) {
    const std::string name = info.spec.substr(0, info.spec.find_first_of(":["));
    if (name == "fashion-mnist") continue;  // has a folder of its own
    const std::string message = error_of(ErrorKind::invalid_argument, [&] {
      open_data({.spec = name + ":", .labels = {}, .validation = {}});
    });
    EXPECT_NE(message.find(info.spec), std::string::npos) << message;
  }
}

}  // namespace
}  // namespace submask
