// The named recipes (RECIPES: "Training"; SwAV's colour distortion of strength 1).
#include <submask/recipe.h>

namespace submask {
namespace {

CropRecipe paper_supervised() {
  CropRecipe crop;
  crop.crop = "random";
  crop.scale_min = crop.scale_max = 1;
  crop.jitter = 0.8;
  crop.grey = crop.solarise = 0.2;
  return crop;
}

// One kind of SwAV's multi-crop, its colours aside.
CropRecipe multi_crop(int64_t count, int64_t size, double scale_min, double scale_max) {
  CropRecipe crop;
  crop.count = count;
  crop.size = size;
  crop.crop = "random";
  crop.scale_min = scale_min;
  crop.scale_max = scale_max;
  crop.jitter = 0.8;
  crop.blur = 0.5;
  return crop;
}

CropRecipe paper_ssl(int64_t count, int64_t size, double scale_min, double scale_max) {
  CropRecipe crop = multi_crop(count, size, scale_min, scale_max);
  crop.brightness = crop.contrast = crop.saturation = 0.8;
  crop.hue = 0.2;
  crop.grey = 0.2;
  return crop;
}

// SwAV's crops for images of 32 pixels: fewer and gentler.
CropRecipe small_ssl(int64_t count, int64_t size, double scale_min, double scale_max) {
  CropRecipe crop = multi_crop(count, size, scale_min, scale_max);
  crop.brightness = crop.contrast = 0.6;
  crop.saturation = 0;
  crop.blur_min = 0.5;
  crop.blur_max = 1;
  return crop;
}

CropRecipe without_flip() {
  CropRecipe crop;
  crop.flip = 0;
  return crop;
}

CropRecipe padded() {
  CropRecipe crop;
  crop.pad = 4;
  return crop;
}

}  // namespace

const std::vector<ImageRecipe>& image_recipes() {
  static const std::vector<ImageRecipe> recipes{
      {"paper-supervised",
       "the whole image squeezed to a square (RandomResizedCrop of scale 1), colours, greyscale, "
       "solarise, flip",
       1,
       Interpolation::bicubic,
       {paper_supervised()}},
      {"paper-ssl",
       "SwAV's multi-crop: 2 x 224 and 6 x 96 pixels, colours, greyscale, blur, flip",
       1,
       Interpolation::bicubic,
       {paper_ssl(2, 224, 0.14, 1), paper_ssl(6, 96, 0.05, 0.14)}},
      {"small-ssl",
       "for images of 32 pixels, without labels: 2 x 32 and 3 x 16 pixels, brightness, contrast, "
       "blur, flip",
       1,
       {},
       {small_ssl(2, 32, 0.3, 1), small_ssl(3, 16, 0.1, 0.35)}},
      {"clip",
       "as CLIP looks at images: shorter side to the input size, bicubic, centre crop",
       1,
       Interpolation::bicubic,
       {without_flip()}},
      {"timm-eval",
       "as timm evaluates: shorter side to the input size / .875, bicubic, centre crop",
       0.875,
       Interpolation::bicubic,
       {without_flip()}},
      {"cifar", "four zero pixels around, a random crop back, flip", 1, {}, {padded()}},
  };
  return recipes;
}

}  // namespace submask
