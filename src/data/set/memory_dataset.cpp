#include "data/set/memory_dataset.h"

#include <utility>

#include "base/fail.h"
#include "data/set/kept_digest.h"

namespace submask {
namespace {

class MemoryDataset final : public Dataset {
 public:
  explicit MemoryDataset(PixelRecords records) : records_(std::move(records)) {}

  int64_t size() const override { return static_cast<int64_t>(records_.labels.size()); }
  int64_t label(int64_t index) const override {
    return records_.labels.at(static_cast<size_t>(index));
  }
  const std::vector<std::string>& class_names() const override { return records_.class_names; }
  std::string image_name(int64_t index) const override { return text(records_.source, "#", index); }

  Image read(int64_t index, const ImageRequest&) const override {
    const size_t plane = static_cast<size_t>(records_.width) * static_cast<size_t>(records_.height);
    const auto channels = static_cast<size_t>(records_.channels);
    const uint8_t* source = &records_.pixels.at(static_cast<size_t>(index) * plane * channels);
    Image image{records_.width, records_.height, std::vector<uint8_t>(plane * 3)};
    const size_t step = channels == 3 ? plane : 0;
    uint8_t* out = image.pixels.data();
    for (size_t i = 0; i < plane; ++i, out += 3) {
      out[0] = source[i];
      out[1] = source[i + step];
      out[2] = source[i + 2 * step];
    }
    return image;
  }

  std::string digest() const override {
    return digest_.get([this](Sha256& hash) {
      hash.update(text(records_.width, "x", records_.height, "x", records_.channels, "\n"));
      add_class_names(records_.class_names, hash);
      hash.update(Bytes(records_.labels));
      hash.update(Bytes(records_.pixels));
    });
  }

 private:
  PixelRecords records_;
  KeptDigest digest_;
};

}  // namespace

std::shared_ptr<const Dataset> memory_dataset(PixelRecords records) {
  for (size_t i = 0; i < records.labels.size(); ++i)
    if (records.labels[i] >= records.class_names.size())
      fail_corrupt(text("labels below ", records.class_names.size()), int{records.labels[i]},
                   text(records.labels_source, "#", i));
  return std::make_shared<MemoryDataset>(std::move(records));
}

}  // namespace submask
