// Sizes of images, mean and standard deviation of their pixels.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/fail.h"
#include "base/random.h"
#include "data/set/dataset_report.h"
#include "data/set/image_visit.h"
#include "data/set/read_one_image.h"

namespace submask {
namespace {

struct OneImage {
  ImageSize size;  // 0 x 0: does not decode
  std::array<double, 3> mean{}, mean_square{};
};

int64_t area(const ImageSize& size) { return int64_t{size.width} * size.height; }

OneImage measure(const Image& image) {
  std::array<uint64_t, 3> sum{}, sum_square{};
  for (size_t i = 0; i < image.pixels.size(); i += 3)
    for (size_t c = 0; c < 3; ++c) {
      const uint64_t value = image.pixels[i + c];
      sum[c] += value;
      sum_square[c] += value * value;
    }
  OneImage one{{image.width, image.height}, {}, {}};
  const auto pixels = static_cast<double>(area(one.size));
  for (size_t c = 0; c < 3; ++c) {
    one.mean[c] = static_cast<double>(sum[c]) / pixels / 255;
    one.mean_square[c] = static_cast<double>(sum_square[c]) / pixels / (255.0 * 255.0);
  }
  return one;
}

std::vector<int64_t> draw_sample(int64_t size, int64_t sample, uint64_t seed) {
  if (sample < 0) fail_argument("a sample of 0 (all) or more images", sample);
  std::vector<int64_t> chosen;
  if (sample == 0 || sample >= size) {
    chosen.resize(static_cast<size_t>(size));
    std::iota(chosen.begin(), chosen.end(), 0);
    return chosen;
  }
  chosen = random_stream(seed, Stream::sample).permutation(size);
  chosen.resize(static_cast<size_t>(sample));
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

ImageStatistics combine(std::vector<OneImage> images) {
  std::erase_if(images, [](const OneImage& image) { return image.size.width == 0; });
  ImageStatistics result;
  result.decoded = std::ssize(images);
  if (images.empty()) return result;
  const auto count = static_cast<double>(images.size());
  for (size_t c = 0; c < 3; ++c) {
    double square = 0;
    for (const OneImage& image : images) {
      result.mean[c] += image.mean[c] / count;
      square += image.mean_square[c] / count;
    }
    result.std[c] = std::sqrt(std::max(0.0, square - result.mean[c] * result.mean[c]));
  }
  std::sort(images.begin(), images.end(), [](const OneImage& a, const OneImage& b) {
    return area(a.size) != area(b.size) ? area(a.size) < area(b.size) : a.size.width < b.size.width;
  });
  result.smallest = images.front().size;
  result.median = images[(images.size() - 1) / 2].size;
  result.largest = images.back().size;
  return result;
}

}  // namespace

ImageStatistics measure_images(const Dataset& dataset, int64_t sample, uint64_t seed,
                               const DecodeOptions& options) {
  const std::vector<int64_t> chosen = draw_sample(dataset.size(), sample, seed);
  std::vector<OneImage> images(chosen.size());
  UnreadableImages unreadable, damaged;
  visit_images(std::ssize(chosen), options, [&](int64_t i) {
    const auto number = static_cast<size_t>(i);
    if (const auto image = read_one_image(dataset, chosen[number], i, unreadable, damaged))
      images[number] = measure(*image);
  });
  ImageStatistics result = combine(std::move(images));
  result.unreadable = unreadable.in_order();
  result.damaged = damaged.in_order();
  return result;
}

}  // namespace submask
