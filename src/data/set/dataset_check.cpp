// Finds the images of a data set that do not decode, and those that it has twice.
#include <algorithm>

#include "base/fail.h"
#include "base/hash.h"
#include "data/set/dataset_report.h"
#include "data/set/image_visit.h"
#include "data/set/read_one_image.h"

namespace submask {
namespace {

uint64_t hash_pixels(const Image& image) {
  XxHash64 hash;
  hash.update(text(image.width, 'x', image.height, '\n'));
  hash.update(Bytes(image.pixels));
  return hash.value();
}

std::vector<std::string> classes_without_image(const Dataset& dataset) {
  const std::vector<std::string>& names = dataset.class_names();
  std::vector<bool> found(names.size());
  for (int64_t i = 0; i < dataset.size(); ++i)
    found.at(static_cast<size_t>(dataset.label(i))) = true;
  std::vector<std::string> without;
  for (size_t c = 0; c < names.size(); ++c)
    if (!found[c]) without.push_back(names[c]);
  return without;
}

// The training images and the test images behind one another.
class BothParts {
 public:
  explicit BothParts(const DataSplits& data) : train_(*data.train), test_(*data.test) {}
  int64_t size() const { return train_.size() + test_.size(); }
  bool is_test(int64_t i) const { return i >= train_.size(); }
  std::optional<Image> read(int64_t i, UnreadableImages& unreadable,
                            UnreadableImages& damaged) const {
    return read_one_image(part(i), index_in_part(i), i, unreadable, damaged);
  }
  std::string name(int64_t i) const { return part(i).image_name(index_in_part(i)); }

 private:
  const Dataset& part(int64_t i) const { return is_test(i) ? test_ : train_; }
  int64_t index_in_part(int64_t i) const { return is_test(i) ? i - train_.size() : i; }

  const Dataset &train_, &test_;
};

struct HashedImage {
  uint64_t hash = 0;
  int64_t index = -1;  // -1: does not decode
};

std::vector<RepeatedImage> find_repeated(std::vector<HashedImage> images, const BothParts& parts) {
  std::erase_if(images, [](const HashedImage& image) { return image.index < 0; });
  std::sort(images.begin(), images.end(), [](const HashedImage& a, const HashedImage& b) {
    return a.hash != b.hash ? a.hash < b.hash : a.index < b.index;
  });
  std::vector<std::pair<int64_t, int64_t>> pairs;  // the repeated image, the first of its pixels
  for (size_t i = 1, first = 0; i < images.size(); ++i) {
    if (images[i].hash != images[first].hash)
      first = i;
    else
      pairs.emplace_back(images[i].index, images[first].index);
  }
  std::sort(pairs.begin(), pairs.end());
  std::vector<RepeatedImage> repeated;
  for (const auto& [index, first] : pairs)
    repeated.push_back(
        {parts.name(index), parts.name(first), parts.is_test(index) && !parts.is_test(first)});
  return repeated;
}

}  // namespace

DatasetCheck check_images(const DataSplits& data, const DecodeOptions& options) {
  const BothParts parts(data);
  std::vector<HashedImage> hashed(static_cast<size_t>(parts.size()));
  UnreadableImages unreadable, damaged;
  visit_images(parts.size(), options, [&](int64_t i) {
    if (const auto image = parts.read(i, unreadable, damaged))
      hashed[static_cast<size_t>(i)] = {hash_pixels(*image), i};
  });
  return {unreadable.in_order(), damaged.in_order(), find_repeated(std::move(hashed), parts),
          classes_without_image(*data.train), classes_without_image(*data.test)};
}

}  // namespace submask
