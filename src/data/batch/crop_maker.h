// All crops of one image of a data set, from its file or from a cache.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include <submask/dataset.h>

#include "data/batch/image_cache.h"
#include "data/batch/image_cache_file.h"
#include "data/batch/transform.h"

namespace submask {

// Keeps buffers, so only one thread may use it at a time.
class CropMaker {
 public:
  // The memory for crop `number` of a kind: uint8 [size, size, 3].
  using CropMemory = std::function<std::span<uint8_t>(size_t kind, int64_t number)>;

  // `cache` may be null.
  CropMaker(std::shared_ptr<const Dataset> dataset, const Transform& transform,
            std::shared_ptr<ImageCache> cache);

  const std::vector<CropRecipe>& kinds() const { return kinds_; }

  // Throws what reading the image throws.
  void make(int64_t index, Random& random, const CropMemory& memory_of);

 private:
  void make_from_decoded(int64_t index, Random& random, const CropMemory& memory_of);
  void make_from_kept_crops(int64_t index, Random& random, const CropMemory& memory_of);
  CropBox draw_all(int width, int height, Random& random);
  Image read_whole(int64_t index) const;
  void load_kept_crops(int64_t index);
  void keep(int64_t index, const Image& image);
  std::optional<CropBox> usual_box(const CropRecipe& kind) const;

  std::shared_ptr<const Dataset> dataset_;
  std::vector<CropRecipe> kinds_;
  Transformer transformer_;
  std::shared_ptr<ImageCache> cache_;
  int64_t shorter_side_;
  // Of the image at hand:
  std::vector<CropDraw> draws_;  // of every crop, kind by kind
  Image decoded_;                // without pixels as long as nothing needs them
  Image kept_;                   // the image's size, and the crops of each kind in their usual box
};

}  // namespace submask
