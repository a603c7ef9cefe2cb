#include "data/batch/crop_maker.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace submask {
namespace {

// Copies size x size pixels, each row backwards where mirrored.
void copy_crop(const uint8_t* from, int64_t size, bool mirrored, std::span<uint8_t> to) {
  if (!mirrored) {
    std::memcpy(to.data(), from, to.size());
    return;
  }
  const int64_t row_bytes = 3 * size;
  for (int64_t y = 0; y < size; ++y, from += row_bytes) {
    uint8_t* out = to.data() + (y + 1) * row_bytes;
    for (int64_t x = 0; x < size; ++x) std::memcpy(out -= 3, from + 3 * x, 3);
  }
}

}  // namespace

CropMaker::CropMaker(std::shared_ptr<const Dataset> dataset, const Transform& transform,
                     std::shared_ptr<ImageCache> cache)
    : dataset_(std::move(dataset)),
      kinds_(crop_kinds(transform)),
      transformer_(transform.preprocessing),
      cache_(std::move(cache)),
      shorter_side_(shorter_side(transform)) {}

void CropMaker::make(int64_t index, Random& random, const CropMemory& memory_of) {
  if (cache_ && cache_->contents().crops)
    make_from_kept_crops(index, random, memory_of);
  else
    make_from_decoded(index, random, memory_of);
}

// Draws all crops. Returns the part of the image that they show.
CropBox CropMaker::draw_all(int width, int height, Random& random) {
  draws_.clear();
  int left = width, top = height, right = 0, bottom = 0;
  for (const CropRecipe& kind : kinds_)
    for (int64_t number = 0; number < kind.count; ++number) {
      draws_.push_back(draw_crop(kind, width, height, random));
      const CropBox part = transformer_.part_read(width, height, draws_.back().box, kind.size);
      left = std::min(left, part.left);
      top = std::min(top, part.top);
      right = std::max(right, part.left + part.width);
      bottom = std::max(bottom, part.top + part.height);
    }
  return {left, top, right - left, bottom - top};
}

Image CropMaker::read_whole(int64_t index) const {
  return dataset_->read(index, {.part = {}, .shorter_side = shorter_side_});
}

// The crops are drawn as soon as the decoder knows the size of the image, so that it need not
// decode other parts. A cache keeps the whole image.
void CropMaker::make_from_decoded(int64_t index, Random& random, const CropMemory& memory_of) {
  draws_.clear();
  const auto part = [&](int width, int height) { return draw_all(width, height, random); };
  if (!cache_) {
    decoded_ = dataset_->read(index, {.part = part, .shorter_side = shorter_side_});
  } else if (!cache_->read(index, decoded_)) {
    decoded_ = read_whole(index);
    keep(index, decoded_);
  }
  if (draws_.empty()) draw_all(decoded_.width, decoded_.height, random);
  auto draw = draws_.begin();
  for (size_t k = 0; k < kinds_.size(); ++k)
    for (int64_t number = 0; number < kinds_[k].count; ++number, ++draw)
      transformer_.apply(decoded_, *draw, kinds_[k].size, memory_of(k, number));
}

// A crop with another box than the usual one is made from the image itself.
void CropMaker::make_from_kept_crops(int64_t index, Random& random, const CropMemory& memory_of) {
  decoded_.pixels.clear();
  load_kept_crops(index);
  draw_all(kept_.width, kept_.height, random);
  auto draw = draws_.begin();
  const uint8_t* crop = kept_.pixels.data();
  for (size_t k = 0; k < kinds_.size(); ++k) {
    const int64_t size = kinds_[k].size;
    for (int64_t number = 0; number < kinds_[k].count; ++number, ++draw) {
      const std::span<uint8_t> out = memory_of(k, number);
      if (draw->box == usual_box(kinds_[k])) {
        copy_crop(crop, size, draw->mirrored, out);
        transformer_.vary(*draw, size, out);
      } else {
        if (decoded_.pixels.empty()) decoded_ = read_whole(index);
        transformer_.apply(decoded_, *draw, size, out);
      }
    }
    crop += 3 * size * size;
  }
}

void CropMaker::load_kept_crops(int64_t index) {
  if (cache_->read(index, kept_)) return;
  decoded_ = read_whole(index);
  kept_.width = decoded_.width;
  kept_.height = decoded_.height;
  kept_.pixels.resize(cache_->contents().crop_bytes);
  std::span<uint8_t> rest(kept_.pixels);
  for (const CropRecipe& kind : kinds_) {
    const auto bytes = static_cast<size_t>(3 * kind.size * kind.size);
    transformer_.cut(decoded_, usual_box(kind), false, kind.size, rest.first(bytes));
    rest = rest.subspan(bytes);
  }
  kept_.damage = decoded_.damage;
  keep(index, kept_);
}

// A damaged image is not kept: it is read again, so that every run can tell of it.
void CropMaker::keep(int64_t index, const Image& image) {
  if (image.damage.empty()) cache_->write(index, image);
}

std::optional<CropBox> CropMaker::usual_box(const CropRecipe& kind) const {
  if (kind.crop == "centre") return std::nullopt;
  return central_crop_box(kept_.width, kept_.height);
}

}  // namespace submask
