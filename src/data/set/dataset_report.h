// A look at whole data sets: images that do not decode, images that are there twice, statistics of
// their pixels.
//
// Images are decoded on several threads; the results do not depend on how many.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <submask/dataset.h>

namespace submask {

struct DecodeOptions {
  int threads = 0;  // 0: one a core
  // Called several times a second by the thread that waits for the work. An exception of it ends
  // the work and is thrown on.
  std::function<void(int64_t done, int64_t total)> progress;
};

struct UnreadableImage {
  std::string name;
  // The error of reading it, which has the name too; of one that decodes although it is damaged,
  // what is wrong with it.
  std::string reason;
};

struct RepeatedImage {
  std::string name;
  std::string first;          // the earlier image with the same pixels
  bool across_parts = false;  // `name` is a test image, `first` a training image
};

struct DatasetCheck {
  // In the order of the data, the training images first.
  std::vector<UnreadableImage> unreadable, damaged;
  std::vector<RepeatedImage> repeated;                   // by a 64-bit hash of size and pixels
  std::vector<std::string> train_without, test_without;  // names of classes without an image
};

// Decodes every image of the training and test parts. Throws errors that are no fault of an image.
DatasetCheck check_images(const DataSplits& data, const DecodeOptions& options);

struct ImageSize {
  int width = 0, height = 0;
};

struct ImageStatistics {
  int64_t decoded = 0;
  std::vector<UnreadableImage> unreadable, damaged;
  ImageSize smallest, median, largest;  // by area
  // Of red, green and blue in 0 ... 1. Every image has the same weight, whatever its size, as after
  // resizing to the input size of a network.
  std::array<double, 3> mean{}, std{};
};

// Measures `sample` images, drawn by the seed, or all of them for 0. Throws as check_images() does.
ImageStatistics measure_images(const Dataset& dataset, int64_t sample, uint64_t seed,
                               const DecodeOptions& options);

}  // namespace submask
