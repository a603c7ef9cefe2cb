#include "data/set/dataset_report.h"

#include <atomic>
#include <cmath>

#include "data/set/image_visit.h"
#include "data/set/published_set.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// One image of one colour, as a PNG.
void put_colour(const fs::path& path, int width, int height, std::array<uint8_t, 3> colour) {
  Image image{width, height, {}};
  for (int i = 0; i < width * height; ++i)
    image.pixels.insert(image.pixels.end(), colour.begin(), colour.end());
  fs::create_directories(path.parent_path());
  write_png(image, path);
}

TEST(VisitImages, VisitsEachOnceAndTellsTheProgress) {
  for (const int threads : {0, 1, 3, 100}) {
    std::vector<std::atomic<int>> visits(50);
    int64_t last = -1;
    visit_images(50,
                 {threads,
                  [&](int64_t done, int64_t total) {
                    EXPECT_GE(done, last);
                    EXPECT_EQ(total, 50);
                    last = done;
                  }},
                 [&](int64_t i) { ++visits[static_cast<size_t>(i)]; });
    for (const auto& count : visits) EXPECT_EQ(count, 1);
    EXPECT_EQ(last, 50);
  }
  visit_images(0, {}, [](int64_t) { FAIL(); });
  EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                     [] {
                       visit_images(1, {-1, {}}, [](int64_t) {});
                     }),
            "expected 0 to 1024 threads, got -1");
}

TEST(VisitImages, EndsWithTheFirstException) {
  std::atomic<int64_t> visited = 0;
  EXPECT_THROW(visit_images(1'000'000, {2, {}},
                            [&](int64_t i) {
                              if (i == 10) throw std::bad_alloc();
                              ++visited;
                            }),
               std::bad_alloc);
  EXPECT_LT(visited, 1'000'000);
  const auto stop = [](int64_t, int64_t) { throw Error(ErrorKind::interrupted, "interrupted"); };
  EXPECT_EQ(error_of(ErrorKind::interrupted,
                     [&] {
                       visit_images(10, {2, stop}, [](int64_t) {});
                     }),
            "interrupted");
}

TEST(CheckImages, ListsWhatDoesNotDecodeAndWhatIsThereTwice) {
  const fs::path folder = fresh_folder("check");
  put_image(folder / "train/cat/1.jpg", "rgb420.jpg");
  put_image(folder / "train/cat/2.jpg", "rgb444.jpg");
  put_image(folder / "train/dog/1.png", "grey.png");
  put_image(folder / "train/dog/2.png", "rgb.png");
  put_image(folder / "train/dog/3.jpg", "rgb444.jpg");
  put_file(folder / "train/cat/3.jpg", "");
  put_image(folder / "test/cat/1.jpg", "rgb420.jpg");
  put_file(folder / "test/dog/1.png", "no image");
  const DataSplits data = open_spec("folder:" + folder.string());
  for (const int threads : {1, 4}) {
    const DatasetCheck check = check_images(data, {threads, {}});
    ASSERT_EQ(check.unreadable.size(), 2U);
    EXPECT_EQ(check.unreadable[0].name, (folder / "train/cat/3.jpg").string());
    expect_part_of("an empty file", check.unreadable[0].reason);
    EXPECT_EQ(check.unreadable[1].name, (folder / "test/dog/1.png").string());
    ASSERT_EQ(check.repeated.size(), 2U);
    EXPECT_EQ(check.repeated[0].name, (folder / "train/dog/3.jpg").string());
    EXPECT_EQ(check.repeated[0].first, (folder / "train/cat/2.jpg").string());
    EXPECT_FALSE(check.repeated[0].across_parts);
    EXPECT_EQ(check.repeated[1].first, (folder / "train/cat/1.jpg").string());
    EXPECT_TRUE(check.repeated[1].across_parts);
    EXPECT_TRUE(check.train_without.empty());
  }
}

TEST(CheckImages, NamesClassesWithoutImages) {
  const fs::path folder = fresh_folder("check_empty");
  put_image(folder / "a.jpg");
  put_file(folder / "list.csv",
           "path,label,split\na.jpg,cat,train\na.jpg,dog,train\na.jpg,cat,test\n");
  const DatasetCheck check = check_images(open_spec("csv:" + (folder / "list.csv").string()), {});
  EXPECT_TRUE(check.train_without.empty());
  EXPECT_EQ(check.test_without, std::vector<std::string>{"dog"});
}

TEST(PublishedSet, IsFoundByTheNameOfTheSet) {
  ASSERT_TRUE(published_set("fashion-mnist"));
  EXPECT_EQ(published_set("fashion-mnist")->train_images, 60'000);
  EXPECT_EQ(published_set("cifar10:some/folder")->class_names.size(), 10U);
  EXPECT_EQ(published_set("resisc45:x")->class_names.size(), 45U);
  EXPECT_EQ(published_set("dtd:x")->train_images, 3'948);
  EXPECT_EQ(published_set("coop:dtd:x")->classes, 47);
  for (const char* spec : {"", "folder:x", "coop:", "csv:dtd", "cifar"})
    EXPECT_FALSE(published_set(spec)) << spec;
}

TEST(PublishedSet, TellsEveryDifference) {
  const fs::path folder = fresh_folder("published");
  for (const char* name : {"cat", "dog"})
    for (const char* part : {"train", "test"}) put_image(folder / part / name / "1.jpg");
  const DataSplits data = open_spec("folder:" + folder.string());
  EXPECT_TRUE(differences({2, 2, 2, {"cat", "dog"}}, data).empty());
  EXPECT_TRUE(differences({2, 2, 2, {}}, data).empty());
  EXPECT_EQ(differences({3, 1, 4, {"cat", "eel"}}, data),
            (std::vector<std::string>{"3 training images, got 2", "1 test images, got 2",
                                      "4 classes, got 2", "the classes eel, got dog"}));
  EXPECT_EQ(differences({2, 2, 2, {"cat"}}, data),
            std::vector<std::string>{"no classes beyond the published, got dog"});
}

TEST(MeasureImages, MeanAndDeviationCountEveryImageAlike) {
  const fs::path folder = fresh_folder("measure");
  put_colour(folder / "train/a/1.png", 2, 4, {0, 51, 255});
  put_colour(folder / "train/a/2.png", 30, 10, {255, 51, 255});
  put_colour(folder / "train/a/3.png", 3, 3, {0, 51, 255});
  put_colour(folder / "test/a/1.png", 1, 1, {9, 9, 9});
  const auto train = open_spec("folder:" + folder.string()).train;
  for (const int threads : {1, 3}) {
    const ImageStatistics all = measure_images(*train, 0, 0, {threads, {}});
    EXPECT_EQ(all.decoded, 3);
    EXPECT_NEAR(all.mean[0], 1.0 / 3, 1e-12);
    EXPECT_NEAR(all.mean[1], 0.2, 1e-12);
    EXPECT_NEAR(all.mean[2], 1, 1e-12);
    EXPECT_NEAR(all.std[0], std::sqrt(2.0) / 3, 1e-12);
    EXPECT_NEAR(all.std[1], 0, 1e-7);
    EXPECT_EQ(all.smallest.width, 2);
    EXPECT_EQ(all.median.height, 3);
    EXPECT_EQ(all.largest.width, 30);
  }
  put_file(folder / "train/a/2.png", "");
  const ImageStatistics rest = measure_images(*train, 0, 0, {});
  EXPECT_EQ(rest.decoded, 2);
  ASSERT_EQ(rest.unreadable.size(), 1U);
  EXPECT_EQ(rest.unreadable[0].name, (folder / "train/a/2.png").string());
  EXPECT_EQ(rest.mean[0], 0);
}

TEST(MeasureImages, SampleFollowsTheSeed) {
  const fs::path folder = fresh_folder("sample");
  for (uint8_t i = 0; i < 40; ++i)
    put_colour(folder / "train/a" / (std::to_string(i) + ".png"), 1, 1, {i, i, i});
  put_colour(folder / "test/a/1.png", 1, 1, {9, 9, 9});
  const auto train = open_spec("folder:" + folder.string()).train;
  const ImageStatistics some = measure_images(*train, 10, 1, {});
  EXPECT_EQ(some.decoded, 10);
  EXPECT_EQ(measure_images(*train, 10, 1, {}).mean, some.mean);
  EXPECT_NE(measure_images(*train, 10, 2, {}).mean, some.mean);
  EXPECT_EQ(measure_images(*train, 40, 1, {}).mean, measure_images(*train, 0, 2, {}).mean);
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { measure_images(*train, -1, 0, {}); }),
            "expected a sample of 0 (all) or more images, got -1");
}

}  // namespace
}  // namespace submask
