#include "data/batch/transform.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

#include "base/fail.h"
#include "image/colour_operations.h"

namespace submask {
namespace {

constexpr int64_t largest_input = 4096;
constexpr double ratio_min = 3.0 / 4.0, ratio_max = 4.0 / 3.0;  // of random boxes

template <typename Number>
void require(bool valid, const char* expected, Number got) {
  if (!valid) fail_argument(expected, got);
}

double between(double low, double high, Random& random) {
  return low + (high - low) * random.uniform();
}

ColourJitterStrength jitter_strength(const CropRecipe& recipe) {
  return {recipe.brightness, recipe.contrast, recipe.saturation, recipe.hue};
}

int64_t centre_offset(int64_t length, int64_t size, CropOffset rounding) {
  const double middle = static_cast<double>(length - size) / 2.0;
  return static_cast<int64_t>(rounding == CropOffset::even ? std::nearbyint(middle)
                                                           : std::floor(middle));
}

// Moves the S x S pixels by (-dx, -dy) and fills with black: this is a crop of a padded image.
void shift(std::span<uint8_t> pixels, int64_t size, int dx, int dy) {
  const auto kept = static_cast<size_t>(3 * (size - std::abs(dx)));
  const auto row_bytes = static_cast<size_t>(3 * size);
  const int64_t first = dy > 0 ? 0 : size - 1, step = dy > 0 ? 1 : -1;
  for (int64_t n = 0, y = first; n < size; ++n, y += step) {
    uint8_t* row = pixels.data() + static_cast<size_t>(y) * row_bytes;
    const int64_t source_y = y + dy;
    if (source_y < 0 || source_y >= size) {
      std::memset(row, 0, row_bytes);
      continue;
    }
    const uint8_t* source = pixels.data() + static_cast<size_t>(source_y) * row_bytes;
    std::memmove(row + ptrdiff_t{3} * std::max(0, -dx), source + ptrdiff_t{3} * std::max(0, dx),
                 kept);
    std::memset(dx > 0 ? row + kept : row, 0, row_bytes - kept);
  }
}

}  // namespace

CropBox central_crop_box(int width, int height) {
  const double ratio = static_cast<double>(width) / height;
  CropBox box{0, 0, width, height};
  if (ratio < ratio_min) box.height = static_cast<int>(std::nearbyint(width / ratio_min));
  if (ratio > ratio_max) box.width = static_cast<int>(std::nearbyint(height * ratio_max));
  box.top = (height - box.height) / 2;
  box.left = (width - box.width) / 2;
  return box;
}

CropBox random_crop_box(int width, int height, const CropRecipe& recipe, Random& random) {
  const double area = static_cast<double>(width) * height;
  for (int attempt = 0; attempt < 10; ++attempt) {
    const double target = area * between(recipe.scale_min, recipe.scale_max, random);
    const double ratio = std::exp(between(std::log(ratio_min), std::log(ratio_max), random));
    const double w = std::nearbyint(std::sqrt(target * ratio));
    const double h = std::nearbyint(std::sqrt(target / ratio));
    if (w < 1 || w > width || h < 1 || h > height) continue;
    CropBox box{0, 0, static_cast<int>(w), static_cast<int>(h)};
    box.top = static_cast<int>(random.below(static_cast<uint64_t>(height - box.height) + 1));
    box.left = static_cast<int>(random.below(static_cast<uint64_t>(width - box.width) + 1));
    return box;
  }
  return central_crop_box(width, height);
}

CropDraw draw_crop(const CropRecipe& recipe, int width, int height, Random& random) {
  CropDraw draw;
  if (recipe.crop == "random") draw.box = random_crop_box(width, height, recipe, random);
  if (const int pad = static_cast<int>(recipe.pad); pad > 0) {
    draw.dx = static_cast<int>(random.below(static_cast<uint64_t>(2 * pad) + 1)) - pad;
    draw.dy = static_cast<int>(random.below(static_cast<uint64_t>(2 * pad) + 1)) - pad;
  }
  const auto happens = [&](double probability) {
    return probability > 0 && random.uniform() < probability;
  };
  draw.mirrored = happens(recipe.flip);
  if (recipe.jitter > 0) {
    const bool changes = happens(recipe.jitter);
    const ColourJitter jitter = draw_colour_jitter(jitter_strength(recipe), random);
    if (changes) draw.jitter = jitter;
  }
  draw.grey = happens(recipe.grey);
  if (recipe.blur > 0) {
    const bool blurs = happens(recipe.blur);
    const double sigma = between(recipe.blur_min, recipe.blur_max, random);
    if (blurs) draw.blur_sigma = static_cast<float>(sigma);
  }
  draw.solarise = happens(recipe.solarise);
  return draw;
}

void check_transform(const Transform& transform) {
  const Preprocessing& steps = transform.preprocessing;
  require(steps.input_size >= 1 && steps.input_size <= largest_input,
          "an input size of 1 to 4096 pixels", steps.input_size);
  require(steps.crop_share >= 0.01 && steps.crop_share <= 1, "a crop share of .01 to 1",
          steps.crop_share);
  for (const CropRecipe& kind : transform.crops) check_crop(kind);
  for (const CropRecipe& kind : crop_kinds(transform))
    require(kind.pad <= kind.size, "a crop's pad of at most its size", kind.pad);
}

std::vector<CropRecipe> crop_kinds(const Transform& transform) {
  std::vector<CropRecipe> kinds = transform.crops;
  if (kinds.empty()) kinds.emplace_back().flip = 0;
  for (CropRecipe& kind : kinds)
    if (kind.size == 0) kind.size = transform.preprocessing.input_size;
  return kinds;
}

Transformer::Transformer(const Preprocessing& preprocessing)
    : preprocessing_(preprocessing),
      filter_(preprocessing.interpolation == Interpolation::bicubic ? Filter::bicubic
                                                                    : Filter::bilinear) {}

bool has_fixed_geometry(const CropRecipe& recipe) {
  return recipe.crop == "centre" || recipe.scale_min == 1;
}

int64_t shorter_side(const Transform& transform) {
  if (!transform.fast_decode || transform.preprocessing.resize == ResizeMode::none) return 0;
  double side = 1;
  for (const CropRecipe& kind : crop_kinds(transform)) {
    // The shorter side of a random box is at least sqrt(ratio_min * scale_min) of the image's.
    const double share = kind.crop == "centre"      ? transform.preprocessing.crop_share
                         : has_fixed_geometry(kind) ? 1
                                                    : std::sqrt(ratio_min * kind.scale_min);
    side = std::max(side, std::ceil(static_cast<double>(kind.size) / share));
  }
  return static_cast<int64_t>(side);
}

// Only the pixels of the crop are computed, however long the other side becomes.
ResizeAxis Transformer::centre_axis(int length, int width, int height, int64_t size) const {
  const auto target =
      static_cast<int64_t>(std::floor(static_cast<double>(size) / preprocessing_.crop_share));
  const int smallest = std::min(width, height);
  int64_t resized = length;
  switch (preprocessing_.resize) {
    case ResizeMode::shortest:
      resized = length == smallest ? target : target * length / smallest;
      break;
    case ResizeMode::squash:
      resized = target;
      break;
    case ResizeMode::border: {
      const double ratio = std::max(width, height) / static_cast<double>(target);
      resized = std::max<int64_t>(1, std::llround(std::nearbyint(length / ratio)));
      break;
    }
    case ResizeMode::none:
      break;
  }
  const float end = static_cast<float>(length);
  if (resized < size) return {0, end, resized, 0, static_cast<int>(resized)};
  return {0, end, resized, centre_offset(resized, size, preprocessing_.crop_offset),
          static_cast<int>(size)};
}

CropBox Transformer::part_read(int width, int height, const std::optional<CropBox>& box,
                               int64_t size) const {
  if (box) return *box;
  constexpr double widest_filter = 2;
  const auto range = [&](int length) {
    const ResizeAxis axis = centre_axis(length, width, height, size);
    const double scale = static_cast<double>(length) / static_cast<double>(axis.size);
    const double reach = widest_filter * std::max(scale, 1.0) + 1;
    const auto first = static_cast<double>(axis.first);
    return std::pair(static_cast<int>(std::max(0.0, std::floor(first * scale - reach))),
                     static_cast<int>(std::min<double>(
                         length, std::ceil((first + axis.count) * scale + reach))));
  };
  const auto [left, right] = range(width);
  const auto [top, bottom] = range(height);
  return {left, top, right - left, bottom - top};
}

void Transformer::cut(const Image& image, const std::optional<CropBox>& box, bool mirrored,
                      int64_t size, std::span<uint8_t> out) {
  if (!box) return cut_centre(image, mirrored, size, out);
  const auto pixels = static_cast<int>(size);
  ResizeAxis columns = whole_axis(box->width, pixels);
  columns.mirrored = mirrored;
  resizer_.resize(view_of(image).crop(box->left, box->top, box->width, box->height), columns,
                  whole_axis(box->height, pixels), filter_, out);
}

void Transformer::cut_centre(const Image& image, bool mirrored, int64_t size,
                             std::span<uint8_t> out) {
  ResizeAxis columns = centre_axis(image.width, image.width, image.height, size);
  const ResizeAxis rows = centre_axis(image.height, image.width, image.height, size);
  columns.mirrored = mirrored;
  if (columns.count == size && rows.count == size)
    return resizer_.resize(view_of(image), columns, rows, filter_, out);
  smaller_.resize(size_t{3} * static_cast<size_t>(columns.count) * static_cast<size_t>(rows.count));
  resizer_.resize(view_of(image), columns, rows, filter_, smaller_);
  for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(preprocessing_.fill[i % 3]);
  // An odd pixel of the border is on the right and below.
  const int64_t border = size - columns.count;
  const int64_t left = mirrored ? border - border / 2 : border / 2, top = (size - rows.count) / 2;
  for (int64_t y = 0; y < rows.count; ++y)
    std::copy_n(&smaller_[static_cast<size_t>(3 * y * columns.count)], 3 * columns.count,
                &out[static_cast<size_t>(3 * ((top + y) * size + left))]);
}

void Transformer::vary(const CropDraw& draw, int64_t size, std::span<uint8_t> out) {
  const auto pixels = static_cast<int>(size);
  const int dx = draw.mirrored ? -draw.dx : draw.dx;
  if (dx != 0 || draw.dy != 0) shift(out, size, dx, draw.dy);
  if (draw.jitter) apply_colour_jitter(out, *draw.jitter);
  if (draw.grey) make_grey(out);
  if (draw.blur_sigma)
    blur_.blur({out.data(), pixels, pixels, ptrdiff_t{3} * pixels}, *draw.blur_sigma, out);
  if (draw.solarise) solarise(out);
}

// Mirroring gives the same before and after colours and blur, so the resizer does it in passing.
void Transformer::apply(const Image& image, const CropDraw& draw, int64_t size,
                        std::span<uint8_t> out) {
  cut(image, draw.box, draw.mirrored, size, out);
  vary(draw, size, out);
}

}  // namespace submask
