#include "data/batch/image_cache.h"

#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>

#include <torch/utils.h>

#include <submask/loader.h>

#include "noise_dataset.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

Transform transform_with(const std::vector<std::string>& crops) {
  Transform transform;
  transform.preprocessing.input_size = 8;
  for (const std::string& crop : crops) transform.crops.push_back(parse_crop(crop));
  return transform;
}

// The test transform; crops that are nearly always the same; crops that chance decides.
std::vector<Transform> transforms() {
  return {transform_with({}),
          transform_with({"crop=random,scale-min=1,jitter=.8,grey=.2,blur=.3,solarise=.2",
                          "count=2,size=5,pad=2"}),
          transform_with({"crop=random,scale-min=.3,jitter=.5", "size=6"})};
}

using Pixels = std::vector<at::Tensor>;

Pixels epoch_of(const std::shared_ptr<const Dataset>& data, const Transform& transform,
                const std::shared_ptr<ImageCache>& cache, int workers = 2, int64_t epoch = 1) {
  Loader loader(data, transform,
                {.batch_size = 4, .workers = workers, .seed = 3, .shuffle = true, .cache = cache});
  loader.start_epoch(epoch);
  Pixels pixels;
  while (const auto batch = loader.next())
    pixels.insert(pixels.end(), batch->crops.begin(), batch->crops.end());
  return pixels;
}

void expect_equal(const Pixels& got, const Pixels& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) ASSERT_TRUE(torch::equal(got[i], expected[i])) << i;
}

fs::path only_file(const std::string& folder) { return fs::directory_iterator(folder)->path(); }

TEST(ImageCache, ChangesNothingButTheReading) {
  for (const Transform& transform : transforms())
    for (const CacheKind kind : {CacheKind::ram, CacheKind::disk}) {
      const auto data = std::make_shared<NoiseDataset>(30);
      const auto cache = open_image_cache(*data, transform,
                                          {kind, fresh_folder("cache_changes_nothing").string()});
      for (const int workers : {2, 0})
        for (const int64_t epoch : {0, 1})
          expect_equal(epoch_of(data, transform, cache, workers, epoch),
                       epoch_of(data, transform, nullptr, workers, epoch));
      const bool by_chance = !transform.crops.empty() && transform.crops[0].scale_min == 0.3;
      data->images_read = 0;
      epoch_of(data, transform, cache);
      if (by_chance || transform.crops.empty()) {
        EXPECT_EQ(data->images_read, 0);
      }
      EXPECT_LT(data->images_read, 10);  // a random box of all the area that happened to fit
    }
}

TEST(ImageCache, IsFoundAgainOnDisk) {
  const std::string folder = fresh_folder("cache_found_again").string();
  const auto data = std::make_shared<NoiseDataset>(30);
  const Transform transform = transforms().front();
  const Pixels expected = epoch_of(data, transform, nullptr);
  epoch_of(data, transform, open_image_cache(*data, transform, {CacheKind::disk, folder}));
  data->images_read = 0;
  const auto again = open_image_cache(*data, transform, {CacheKind::disk, folder});
  // Another one beside it reads what there is.
  const auto reader = open_image_cache(*data, transform, {CacheKind::disk, folder});
  expect_equal(epoch_of(data, transform, again), expected);
  expect_equal(epoch_of(data, transform, reader), expected);
  EXPECT_EQ(data->images_read, 0);

  Transform other = transform;
  other.preprocessing.input_size = 9;
  epoch_of(data, other, open_image_cache(*data, other, {CacheKind::disk, folder}));
  EXPECT_EQ(data->images_read, 30);
}

// Whatever bytes are changed or missing, only time is lost.
TEST(ImageCache, DamageIsReadAsMissing) {
  const std::string folder = fresh_folder("cache_damage").string();
  const auto data = std::make_shared<NoiseDataset>(12);
  const Transform transform = transforms().front();
  const Pixels expected = epoch_of(data, transform, nullptr);
  epoch_of(data, transform, open_image_cache(*data, transform, {CacheKind::disk, folder}));
  const fs::path file = only_file(folder);
  const auto size = static_cast<int64_t>(fs::file_size(file));
  for (int64_t at = 0; at < size; at += 13) {
    {
      std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
      stream.seekp(at);
      stream.put(static_cast<char>(0xA5));
    }
    const auto cache = open_image_cache(*data, transform, {CacheKind::disk, folder});
    expect_equal(epoch_of(data, transform, cache, 0), expected);
  }
  for (const int64_t cut : {size - 1, size / 2, int64_t{200}, int64_t{100}, int64_t{3}}) {
    fs::resize_file(file, static_cast<uintmax_t>(cut));
    const auto cache = open_image_cache(*data, transform, {CacheKind::disk, folder});
    expect_equal(epoch_of(data, transform, cache, 0), expected);
    expect_equal(epoch_of(data, transform, cache, 0), expected);
  }
}

TEST(ImageCache, SaysItsSize) {
  const NoiseDataset data(30);
  EXPECT_EQ(describe(*open_image_cache(data, transforms()[0], {CacheKind::ram, ""})),
            "0.00576 MB in memory for 30 images resized to 8 x 8");
  EXPECT_EQ(describe(*open_image_cache(data, transforms()[1], {CacheKind::ram, ""})),
            "0.00801 MB in memory for 30 images resized to 8 x 8, 5 x 5");
  const std::string decoded =
      describe(*open_image_cache(data, transforms()[2], {CacheKind::ram, ""}));
  EXPECT_NE(decoded.find("for 30 images decoded"), std::string::npos) << decoded;
}

TEST(ImageCache, RefusesWhatDoesNotFit) {
  EXPECT_EQ(open_image_cache(NoiseDataset(3), transforms()[0], {}), nullptr);
  const NoiseDataset huge(int64_t{1} << 45);
  const std::string folder = fresh_folder("cache_too_large").string();
  for (const CacheKind kind : {CacheKind::ram, CacheKind::disk}) {
    const std::string message = error_of(ErrorKind::invalid_argument, [&] {
      open_image_cache(huge, transforms()[0], {kind, folder});
    });
    EXPECT_NE(message.find("free bytes"), std::string::npos) << message;
  }
  EXPECT_TRUE(fs::is_empty(folder));
}

}  // namespace
}  // namespace submask
