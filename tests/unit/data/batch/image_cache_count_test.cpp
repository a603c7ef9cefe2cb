// How often images are decoded with a cache: a cache that is never used gives the same batches.
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <submask/loader.h>

#include "base/file.h"
#include "data/batch/image_cache_file.h"
#include "data/batch/kept_dataset.h"
#include "noise_dataset.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

constexpr int64_t image_count = 21;
constexpr int64_t crop_bytes = 3 * 8 * 8;  // of an image as the test transform keeps it

// Noise images; counts how often each is decoded.
class CountedImages final : public Dataset {
 public:
  int64_t size() const override { return images_.size(); }
  int64_t label(int64_t index) const override { return images_.label(index); }
  std::string image_name(int64_t index) const override { return images_.image_name(index); }
  const std::vector<std::string>& class_names() const override { return images_.class_names(); }
  std::string digest() const override { return images_.digest(); }
  Image read(int64_t index, const ImageRequest& request) const override {
    ++decodes_[static_cast<size_t>(index)];
    return images_.read(index, request);
  }

  // Since the last call, for each image.
  std::vector<int> take_decodes() const {
    std::vector<int> counts;
    for (auto& count : decodes_) counts.push_back(count.exchange(0));
    return counts;
  }

 private:
  NoiseDataset images_{image_count};
  mutable std::vector<std::atomic<int>> decodes_ = std::vector<std::atomic<int>>(image_count);
};

const std::vector<int> each_once(image_count, 1), none(image_count, 0);

int64_t decoded_images(const std::vector<int>& counts) {
  return std::count_if(counts.begin(), counts.end(), [](int count) { return count > 0; });
}

class ImageCacheCount : public testing::Test {
 protected:
  ImageCacheCount() { transform_.preprocessing.input_size = 8; }

  std::shared_ptr<ImageCache> open(CacheKind kind = CacheKind::disk) {
    auto cache = open_image_cache(*data_, transform_, {kind, folder_.string()});
    data_->take_decodes();  // the size of decoded images is estimated from some of them
    return cache;
  }

  // The decodes of one more epoch.
  std::vector<int> decodes(const std::shared_ptr<ImageCache>& cache, int workers = 0) {
    Loader loader(
        data_, transform_,
        {.batch_size = 4, .workers = workers, .seed = 3, .shuffle = true, .cache = cache});
    loader.start_epoch(epoch_++);
    int64_t seen = 0;
    while (const auto batch = loader.next()) seen += std::ssize(batch->indices);
    EXPECT_EQ(seen, image_count);
    return data_->take_decodes();
  }

  fs::path file() const { return fs::directory_iterator(folder_)->path(); }

  void overwrite(int64_t offset) const {
    std::fstream stream(file(), std::ios::in | std::ios::out | std::ios::binary);
    stream.seekg(offset);
    const int old = stream.peek();
    stream.seekp(offset);
    stream.put(static_cast<char>(old ^ 0x5A));
  }

  fs::path folder_ = fresh_folder("cache_count");
  std::shared_ptr<CountedImages> data_ = std::make_shared<CountedImages>();
  Transform transform_;
  int64_t epoch_ = 0;
};

TEST_F(ImageCacheCount, WithoutACacheEveryEpochDecodes) {
  for (int epoch = 0; epoch < 2; ++epoch) EXPECT_EQ(decodes(nullptr), each_once);
}

TEST_F(ImageCacheCount, TheFirstEpochDecodesEachImageOnceAndTheNextNone) {
  for (const bool keeps_crops : {true, false}) {
    transform_.crops.clear();
    if (!keeps_crops) transform_.crops = {parse_crop("crop=random,scale-min=.3")};
    for (const CacheKind kind : {CacheKind::ram, CacheKind::disk})
      for (const int workers : {0, 3}) {
        folder_ = fresh_folder("cache_count");
        const auto cache = open(kind);
        EXPECT_EQ(cache->contents().crops, keeps_crops);
        EXPECT_EQ(decodes(cache, workers), each_once);
        EXPECT_EQ(decodes(cache, workers), none);
        EXPECT_EQ(decodes(cache, workers), none);
      }
  }
}

TEST_F(ImageCacheCount, AnotherRunDecodesNoneFromDiskAndAllFromMemory) {
  decodes(open());
  EXPECT_EQ(decodes(open()), none);
  decodes(open(CacheKind::ram));
  EXPECT_EQ(decodes(open(CacheKind::ram)), each_once);
}

// A file that may not grow holds the first images, and only these.
TEST_F(ImageCacheCount, ImagesThatDoNotFitAreDecodedAgain) {
  constexpr int64_t fitting = 5;
  rlimit old_limit{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  auto cache = open();
  rlimit small = old_limit;
  small.rlim_cur = cache_header_bytes + image_count * cache_entry_bytes + fitting * crop_bytes + 7;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::vector<int> first = decodes(cache), second = decodes(cache), third = decodes(cache);
  setrlimit(RLIMIT_FSIZE, &old_limit);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_EQ(first, each_once);
  EXPECT_EQ(decoded_images(second), image_count - fitting);
  EXPECT_EQ(*std::max_element(second.begin(), second.end()), 1);
  EXPECT_EQ(third, second);

  cache.reset();  // two do not write to one file
  const auto roomy = open();
  EXPECT_EQ(decodes(roomy), second);
  EXPECT_EQ(decodes(roomy), none);
}

// What is damaged is decoded anew, once, and nothing else is.
TEST_F(ImageCacheCount, DamagedImagesAreDecodedAnew) {
  decodes(open());
  const auto pixels = static_cast<int64_t>(cache_header_bytes + image_count * cache_entry_bytes);
  ASSERT_EQ(static_cast<int64_t>(fs::file_size(file())), pixels + image_count * crop_bytes);
  const auto expect_anew = [&](int64_t images) {
    const auto cache = open();
    EXPECT_EQ(decoded_images(decodes(cache)), images);
    EXPECT_EQ(decodes(cache), none);
    EXPECT_EQ(decodes(open()), none);
  };
  overwrite(pixels);  // the first image's first pixel
  expect_anew(1);
  overwrite(cache_header_bytes + 3 * cache_entry_bytes);  // where the fourth image's pixels are
  expect_anew(1);
  fs::resize_file(file(), fs::file_size(file()) - 1);  // what was decoded last
  expect_anew(1);
  overwrite(0);  // the header: everything
  expect_anew(image_count);
  ASSERT_EQ(static_cast<int64_t>(fs::file_size(file())), pixels + image_count * crop_bytes);
  fs::resize_file(file(), static_cast<uintmax_t>(pixels + 4 * crop_bytes + 1));
  expect_anew(image_count - 4);
}

TEST_F(ImageCacheCount, AnotherTransformDecodesAll) {
  decodes(open());
  transform_.preprocessing.input_size = 9;
  EXPECT_EQ(decodes(open()), each_once);
  transform_.preprocessing.input_size = 8;
  EXPECT_EQ(decodes(open()), none);
}

// A reader beside the process that writes uses what is there and keeps nothing.
TEST_F(ImageCacheCount, AReaderBesideTheWriterKeepsNothing) {
  const auto writer = open();
  const auto reader = open();
  EXPECT_EQ(decodes(reader), each_once);
  EXPECT_EQ(decodes(reader), each_once);
  EXPECT_EQ(decodes(writer), each_once);
  EXPECT_EQ(decodes(reader), none);
}

TEST_F(ImageCacheCount, AKeptDatasetDecodesEachImageOnce) {
  for (const CacheKind kind : {CacheKind::ram, CacheKind::disk}) {
    const auto cache = open_decoded_cache(*data_, {kind, folder_.string()});
    data_->take_decodes();
    const auto kept = kept_dataset(data_, cache);
    for (int pass = 0; pass < 2; ++pass) {
      for (int64_t i = 0; i < image_count; ++i)
        EXPECT_EQ(kept->image(i).pixels, NoiseDataset(image_count).image(i).pixels) << i;
      EXPECT_EQ(data_->take_decodes(), pass == 0 ? each_once : none);
    }
    subset(kept, {3, 4, 3})->image(2);
    EXPECT_EQ(data_->take_decodes(), none);
    kept->read(3, {.part = {}, .shorter_side = 6});  // scaled-down images are not kept
    EXPECT_EQ(decoded_images(data_->take_decodes()), 1);
  }
}

}  // namespace
}  // namespace submask
