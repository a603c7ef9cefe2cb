// Recipes: how training images are cropped and varied.
//
// A recipe is a list of kinds of crops; an image gives `count` crops of each. Every step of a kind
// is drawn on its own, from (seed, epoch, image) alone, and works on 8-bit RGB: resizing, blur and
// colours give the pixels that torchvision gives of Pillow images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>

namespace submask {

// In the order in which the steps are done; flip, jitter, grey, blur and solarise are probabilities
// (0 leaves a step out).
struct CropRecipe {
  int64_t count = 1;  // crops of this kind an image
  int64_t size = 0;   // pixels, square; 0: the network's input size

  // centre: as a test image, the shorter side resized and the centre cut out. random: torchvision's
  // RandomResizedCrop, a box of scale_min ... scale_max of the area and a log-uniform aspect ratio
  // of 3/4 ... 4/3 (the largest central box of such a ratio where none of ten tries fits).
  std::string crop = "centre";
  double scale_min = 0.08;
  double scale_max = 1.0;
  int64_t pad = 0;  // zero pixels on each side, then a random crop back to `size`

  double flip = 0.5;  // mirrored left to right

  // torchvision's ColorJitter: factors up to 1 +- strength in random order, hue (0 ... .5) of the
  // colour circle.
  double jitter = 0;
  double brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0;
  double grey = 0;
  double blur = 0;  // Pillow's GaussianBlur, its radius (sigma, pixels) uniform between the two:
  double blur_min = 0.1, blur_max = 2.0;
  double solarise = 0;  // values of 128 and above inverted

  bool operator==(const CropRecipe&) const = default;
};

// "count=2,size=224,crop=random,scale-min=.14": the fields by their names, '-' for '_', the others
// as above. Throws invalid_argument for an unknown name or a value out of range, naming it.
CropRecipe parse_crop(const std::string& fields);

// parse_crop() of it gives the crop back.
std::string crop_text(const CropRecipe& crop);

// Throws invalid_argument naming the field that is out of range.
void check_crop(const CropRecipe& crop);

struct ImageRecipe {
  std::string name;
  std::string summary;
  // How test images are resized, too: shorter side to input_size / crop_share. Not set: as the
  // backbone has it.
  std::optional<double> crop_share;
  std::optional<Interpolation> interpolation;
  std::vector<CropRecipe> crops;
};

// paper-supervised, paper-ssl, small-ssl, clip, timm-eval, cifar.
const std::vector<ImageRecipe>& image_recipes();

}  // namespace submask
