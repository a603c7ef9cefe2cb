#include <algorithm>
#include <set>

#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// Three classes, images in turn: 0 cat, 1 dog, 2 "salt, pepper", 3 cat, ...; ten of each to train.
const std::string& three_classes() {
  static const std::string spec = [] {
    const fs::path folder = fresh_folder("label_subset");
    for (const char* part : {"train", "test"})
      for (const char* name : {"cat", "dog", "salt, pepper"})
        for (int i = 0; i < 10; ++i)
          put_file(folder / part / name / (std::to_string(i) + ".png"), "");
    return "folder:" + folder.string();
  }();
  return spec;
}

DataSplits open_labels(const std::optional<std::string>& labels,
                       const std::optional<std::string>& validation = std::nullopt) {
  return open_data({.spec = three_classes(), .labels = labels, .validation = validation});
}

std::set<int64_t> different_labels(const std::string& labels) {
  const auto all = labels_of(*open_labels(labels).train);
  return {all.begin(), all.end()};
}

std::vector<std::string> sorted_names(const Dataset& dataset) {
  std::vector<std::string> names;
  for (int64_t i = 0; i < dataset.size(); ++i) names.push_back(dataset.image_name(i));
  std::sort(names.begin(), names.end());
  return names;
}

std::string refusal(ErrorKind kind, const std::string& labels) {
  return error_of(kind, [&] { open_labels(labels); });
}

const fs::path& index_path() {
  static const fs::path path = fresh_folder("indices") / "indices.txt";
  return path;
}

std::string index_file(const std::string& content) {
  put_file(index_path(), content);
  return "file:" + index_path().string();
}

TEST(LabelSubset, NamedClassesKeepTheLabelsOfTheWholeSet) {
  const DataSplits data = open_labels("classes:dog");
  EXPECT_EQ(data.train->size(), 10);
  EXPECT_EQ(different_labels("classes:dog"), (std::set<int64_t>{1}));
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"cat", "dog", "salt, pepper"}));
  EXPECT_EQ(data.test->size(), 30);
}

TEST(LabelSubset, NamesMayBeQuotedAndSpaced) {
  const std::set<int64_t> cat_and_dog{0, 1};
  for (const char* labels : {"classes:cat,dog", "classes: dog , cat", "classes:\"cat\",dog,",
                             "classes:cat,cat, \"dog\""})
    EXPECT_EQ(different_labels(labels), cat_and_dog) << labels;
  EXPECT_EQ(different_labels("classes:cat, \"salt, pepper\""), (std::set<int64_t>{0, 2}));
  EXPECT_EQ(different_labels("classes:\"salt, pepper\",dog"), (std::set<int64_t>{1, 2}));
}

TEST(LabelSubset, NamesEveryUnknownClassWithTheNearest) {
  EXPECT_EQ(refusal(ErrorKind::invalid_argument, "classes:caat,dog,DOGS,elephant"),
            "expected classes among cat, dog, salt, pepper, got 'caat' (nearest: cat), 'DOGS' "
            "(nearest: dog), 'elephant'");
  for (const char* labels : {"classes:", "classes: ", "classes:,", "classes:\"cat", "classes:\"",
                             "classes:\"cat\"dog", "classes:salt, pepper", "Classes:cat"})
    refusal(ErrorKind::invalid_argument, labels);
}

TEST(LabelSubset, FileOfNumbersChoosesThoseImages) {
  const DataSplits all = open_data({.spec = three_classes()});
  const DataSplits data = open_labels(index_file("# cats\r\n9\r\n\n 3 # the second\n0"));
  ASSERT_EQ(data.train->size(), 3);
  EXPECT_EQ(data.train->image_name(0), all.train->image_name(0));
  EXPECT_EQ(data.train->image_name(1), all.train->image_name(3));
  EXPECT_EQ(data.train->image_name(2), all.train->image_name(9));
}

TEST(LabelSubset, NamesEveryBadLineOfTheFile) {
  EXPECT_EQ(refusal(ErrorKind::corrupt_file, index_file("3\n30\n-1\n\nten\n2.0\n3 # again\n")),
            "expected one number of 0 to 29 on a line, each once, got line 2: 30, line 3: -1, "
            "line 5: 'ten', line 6: '2.0', line 7: 3, as in line 1, in " +
                index_path().string());
  for (const char* content : {"", "# nothing\n\n", "99999999999999999999", "1 2", "\x89PNG\r\n"})
    refusal(ErrorKind::corrupt_file, index_file(content));
  refusal(ErrorKind::io, "file:missing.txt");
  refusal(ErrorKind::invalid_argument, "file:");
}

// The numbers in a file stay those of the whole training set.
TEST(LabelSubset, LeavesOutWhatValidationTook) {
  const std::string even = index_file("0\n2\n4\n6\n8\n10\n12\n14\n16\n18\n20\n22\n24\n26\n28\n");
  const DataSplits data = open_labels(even, "50p");
  const auto learned = sorted_names(*data.train), validation = sorted_names(*data.validation);
  const auto wanted = sorted_names(*open_labels(even).train);
  std::vector<std::string> expected;
  std::set_difference(wanted.begin(), wanted.end(), validation.begin(), validation.end(),
                      std::back_inserter(expected));
  EXPECT_EQ(validation.size(), 15U);
  EXPECT_EQ(learned, expected);
  EXPECT_EQ(sorted_names(
                *open_data({.spec = three_classes(), .labels = {}, .validation = even}).validation),
            wanted);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { open_labels(even, even); }),
            "expected labels beyond the validation part, got " + even);
}

TEST(LabelSubset, SaysWhatItWasChosenOf) {
  for (const auto& validation : {std::optional<std::string>(), std::optional<std::string>("50p")})
    for (const std::string& labels : {std::string("20p"), std::string("classes:dog")}) {
      const DataSplits data = open_labels(labels, validation);
      ASSERT_EQ(std::ssize(data.labelled), data.train->size());
      for (int64_t i = 0; i < data.train->size(); ++i)
        EXPECT_EQ(data.train->image_name(i),
                  data.labelled_of->image_name(data.labelled[static_cast<size_t>(i)]));
    }
  // The same whole for every choice, so that what is known of it serves all.
  EXPECT_EQ(open_labels("20p").labelled_of->digest(),
            open_data({.spec = three_classes()}).train->digest());
  EXPECT_EQ(open_data({.spec = three_classes()}).labelled_of, nullptr);
  EXPECT_EQ(open_data({.spec = three_classes(), .labels = {}, .validation = "50p"}).labelled_of,
            nullptr);
}

TEST(LabelSubset, DigestFollowsTheImagesChosen) {
  std::set<std::string> digests;
  digests.insert(open_labels(std::nullopt).train->digest());
  for (const std::string& labels : {std::string("10p"), std::string("classes:cat"),
                                    std::string("classes:dog"), index_file("0\n1\n")})
    digests.insert(open_labels(labels).train->digest());
  digests.insert(open_labels(index_file("0\n2\n")).train->digest());
  EXPECT_EQ(digests.size(), 6U);
  // However they are named: these are the cats.
  EXPECT_EQ(open_labels(index_file("0\n3\n6\n9\n12\n15\n18\n21\n24\n27")).train->digest(),
            open_labels("classes:cat").train->digest());
}

}  // namespace
}  // namespace submask
