#include "data/batch/kept_dataset.h"

#include <utility>

#include <submask/loader.h>

#include "data/batch/image_cache_file.h"

namespace submask {
namespace {

class KeptDataset final : public Dataset {
 public:
  KeptDataset(std::shared_ptr<const Dataset> parent, std::shared_ptr<ImageCache> cache)
      : parent_(std::move(parent)), cache_(std::move(cache)) {}

  int64_t size() const override { return parent_->size(); }
  int64_t label(int64_t index) const override { return parent_->label(index); }
  std::string image_name(int64_t index) const override { return parent_->image_name(index); }
  std::vector<std::string> damaged_images() const override { return parent_->damaged_images(); }
  const std::vector<std::string>& class_names() const override { return parent_->class_names(); }
  std::string digest() const override { return parent_->digest(); }

  Image read(int64_t index, const ImageRequest& request) const override {
    if (request.shorter_side > 0) return parent_->read(index, request);
    Image image;
    if (cache_->read(index, image)) return image;
    image = parent_->image(index);
    // A damaged image is read again, so that every run can tell of it.
    if (image.damage.empty()) cache_->write(index, image);
    return image;
  }

 private:
  std::shared_ptr<const Dataset> parent_;
  std::shared_ptr<ImageCache> cache_;
};

}  // namespace

std::shared_ptr<const Dataset> kept_dataset(std::shared_ptr<const Dataset> dataset,
                                            std::shared_ptr<ImageCache> cache) {
  return std::make_shared<KeptDataset>(std::move(dataset), std::move(cache));
}

std::shared_ptr<ImageCache> open_decoded_cache(const Dataset& dataset,
                                               const CacheOptions& options) {
  Transform any_part;  // crops at random places need all of an image
  any_part.crops = {CropRecipe()};
  any_part.crops.front().crop = "random";
  return open_image_cache(dataset, any_part, options);
}

}  // namespace submask
