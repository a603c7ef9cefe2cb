#include <algorithm>
#include <chrono>
#include <numeric>
#include <set>

#include <torch/types.h>

#include <submask/loader.h>

#include "noise_dataset.h"

namespace submask {
namespace {

Transform train_transform() {
  Transform transform;
  transform.preprocessing.input_size = 8;
  transform.crops = {parse_crop("crop=random,scale-min=.3,pad=1"),
                     parse_crop("count=3,size=5,crop=random,jitter=.8,grey=.2,blur=.5")};
  return transform;
}

LoaderOptions options_of(int workers) {
  return {.batch_size = 4, .workers = workers, .seed = 11, .shuffle = true};
}

std::vector<Batch> rest_of_epoch(Loader& loader) {
  std::vector<Batch> batches;
  while (auto batch = loader.next()) batches.push_back(std::move(*batch));
  return batches;
}

void expect_equal(const std::vector<Batch>& got, std::span<const Batch> expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].number, expected[i].number);
    EXPECT_EQ(got[i].indices, expected[i].indices);
    EXPECT_TRUE(torch::equal(got[i].labels, expected[i].labels));
    ASSERT_EQ(got[i].crops.size(), 2U);
    EXPECT_TRUE(torch::equal(got[i].crops[0], expected[i].crops[0]));
    EXPECT_TRUE(torch::equal(got[i].crops[1], expected[i].crops[1]));
  }
}

TEST(Loader, NumberOfWorkersAndResumingChangeNothing) {
  const auto data = std::make_shared<NoiseDataset>(50);
  Loader alone(data, train_transform(), options_of(0));
  alone.start_epoch(2);
  const std::vector<Batch> expected = rest_of_epoch(alone);
  ASSERT_EQ(expected.size(), 13U);
  EXPECT_EQ(expected.back().images().sizes(), (std::vector<int64_t>{2, 3, 8, 8}));
  EXPECT_EQ(expected.back().crops[1].sizes(), (std::vector<int64_t>{6, 3, 5, 5}));
  EXPECT_TRUE(expected.back().crops[1].is_contiguous(at::MemoryFormat::ChannelsLast));
  for (const int workers : {0, 1, 2, 3}) {
    Loader loader(data, train_transform(), options_of(workers));
    loader.start_epoch(2);
    expect_equal(rest_of_epoch(loader), expected);
    EXPECT_FALSE(loader.next().has_value());
    loader.start_epoch(2, 5);
    expect_equal(rest_of_epoch(loader), std::span(expected).subspan(5));
    loader.start_epoch(2, 13);
    EXPECT_FALSE(loader.next().has_value());
  }
}

TEST(Loader, EpochsHoldEveryImageOnceInAnotherOrder) {
  const auto data = std::make_shared<NoiseDataset>(50);
  Loader loader(data, train_transform(), options_of(2));
  std::set<std::vector<int64_t>> orders;
  for (const int64_t epoch : {0, 1, 2}) {
    loader.start_epoch(epoch);
    std::vector<int64_t> order;
    for (const Batch& batch : rest_of_epoch(loader)) {
      order.insert(order.end(), batch.indices.begin(), batch.indices.end());
      for (size_t i = 0; i < batch.indices.size(); ++i)
        EXPECT_EQ(batch.labels[static_cast<int64_t>(i)].item<int64_t>(), batch.indices[i] % 3);
    }
    orders.insert(order);
    std::sort(order.begin(), order.end());
    std::vector<int64_t> all(50);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_EQ(order, all);
  }
  EXPECT_EQ(orders.size(), 3U);
}

TEST(Loader, DropsTheLastBatchWhereAsked) {
  LoaderOptions options = options_of(2);
  options.drop_last = true;
  Loader loader(std::make_shared<NoiseDataset>(50), train_transform(), options);
  EXPECT_EQ(loader.batches_per_epoch(), 12);
  loader.start_epoch(0);
  const auto batches = rest_of_epoch(loader);
  ASSERT_EQ(batches.size(), 12U);
  EXPECT_EQ(batches.back().indices.size(), 4U);
}

TEST(Loader, ANewEpochCancelsTheRunningOne) {
  const auto data = std::make_shared<NoiseDataset>(64);
  LoaderOptions options = options_of(3);
  Loader reference(data, train_transform(), options_of(0));
  Loader loader(data, train_transform(), options);
  for (int64_t epoch = 0; epoch < 30; ++epoch) {
    loader.start_epoch(epoch);
    if (epoch % 3 != 0) loader.next();
  }
  loader.start_epoch(4, 2);
  reference.start_epoch(4, 2);
  expect_equal(rest_of_epoch(loader), rest_of_epoch(reference));
}

TEST(Loader, EndsSoonInTheMiddleOfSlowBatches) {
  const auto data = std::make_shared<NoiseDataset>(100000);
  data->delay = std::chrono::milliseconds(20);
  LoaderOptions options = options_of(2);
  options.batch_size = 10000;  // 200 s each
  const auto begin = std::chrono::steady_clock::now();
  {
    Loader loader(data, train_transform(), options);
    loader.start_epoch(0);
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

TEST(Loader, WorkersStopAheadOfAConsumerThatWaits) {
  const auto data = std::make_shared<NoiseDataset>(1000);
  Loader loader(data, train_transform(), options_of(2));
  loader.start_epoch(0);
  loader.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  EXPECT_LE(data->images_read, (1 + 4) * 4);
}

TEST(Loader, BadImagesFailInTheirPlace) {
  for (const int workers : {0, 2}) {
    LoaderOptions options = options_of(workers);
    options.shuffle = false;
    Loader loader(std::make_shared<NoiseDataset>(20, std::set<int64_t>{9}), train_transform(),
                  options);
    loader.start_epoch(0);
    EXPECT_EQ(loader.next()->indices.front(), 0);
    EXPECT_EQ(loader.next()->indices.front(), 4);
    EXPECT_NE(error_of(ErrorKind::corrupt_file, [&] { loader.next(); }).find("noise#9"),
              std::string::npos);
    loader.start_epoch(1);
    EXPECT_EQ(loader.next()->indices.front(), 0);
  }
}

TEST(Loader, SkipsBadImagesWhereAsked) {
  // One image of the first batch, all of the third.
  const auto data = std::make_shared<NoiseDataset>(20, std::set<int64_t>{1, 8, 9, 10, 11});
  for (const int workers : {0, 2}) {
    LoaderOptions options = options_of(workers);
    options.shuffle = false;
    options.skip_bad_images = true;
    Loader loader(data, train_transform(), options);
    loader.start_epoch(0);
    std::vector<Batch> batches = rest_of_epoch(loader);
    ASSERT_EQ(batches.size(), 4U);
    EXPECT_EQ(batches[0].indices, (std::vector<int64_t>{0, 2, 3}));
    EXPECT_EQ(batches[0].images().size(0), 3);
    EXPECT_EQ(batches[0].crops[1].size(0), 9);
    EXPECT_EQ(batches[2].number, 3);
    loader.start_epoch(1);
    rest_of_epoch(loader);
    EXPECT_EQ(loader.bad_images(),
              (std::vector<std::string>{"noise#1", "noise#10", "noise#11", "noise#8", "noise#9"}));
  }
}

TEST(Loader, RefusesValuesOutOfRange) {
  const auto data = std::make_shared<NoiseDataset>(20);
  const auto refused = [&](auto change) {
    LoaderOptions options;
    change(options);
    return error_of(ErrorKind::invalid_argument, [&] { Loader(data, train_transform(), options); });
  };
  EXPECT_EQ(refused([](LoaderOptions& o) { o.batch_size = 0; }),
            "expected a batch size of 1 to 65536, got 0");
  EXPECT_EQ(refused([](LoaderOptions& o) { o.workers = -1; }),
            "expected 0 to 256 data workers, got -1");
  EXPECT_EQ(refused([](LoaderOptions& o) { o.drop_last = true; }),
            "expected at least 64 images, one batch, got 20");
  EXPECT_EQ(
      error_of(ErrorKind::invalid_argument, [] { Loader(nullptr, Transform(), LoaderOptions()); }),
      "expected a data set, got none");
  Loader loader(data, train_transform(), options_of(1));
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { loader.next(); }),
            "expected start_epoch() before next(), got next()");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { loader.start_epoch(-1); }),
            "expected an epoch of 0 or later, got -1");
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { loader.start_epoch(0, 6); }),
            "expected a first batch of 0 to 5, got 6");
}

}  // namespace
}  // namespace submask
