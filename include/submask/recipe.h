// Recipes: how training images are cropped and varied.
//
// A recipe is a list of kinds of crops; an image gives `count` crops of each kind. The random
// choices of each step depend on (seed, epoch, image) only. All steps work on 8-bit RGB: resizing,
// blur and colours give the same pixels as torchvision gives for Pillow images.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>

namespace submask {

// The fields are in the order of the steps. flip, jitter, grey, blur and solarise are
// probabilities; 0 leaves the step out.
struct CropRecipe {
  int64_t count = 1;  // crops of this kind from each image
  int64_t size = 0;   // pixels, square; 0: the network's input size

  // centre: as for a test image, the shorter side is resized and the centre is cut out. random:
  // torchvision's RandomResizedCrop, a box of scale_min ... scale_max of the area and a log-uniform
  // aspect ratio of 3/4 ... 4/3. If none of ten boxes fits, it takes the largest central box of
  // such a ratio.
  std::string crop = "centre";
  double scale_min = 0.08;
  double scale_max = 1.0;
  int64_t pad = 0;  // black pixels added on each side; a random crop then restores the size

  double flip = 0.5;  // left to right

  // torchvision's ColorJitter, its steps in random order. brightness, contrast and saturation: the
  // factor is within 1 +- this. hue (0 ... .5): the shift is within +- this part of the colour
  // circle.
  double jitter = 0;
  double brightness = 0.4, contrast = 0.4, saturation = 0.4, hue = 0;
  double grey = 0;
  // Pillow's GaussianBlur. Its radius (sigma, in pixels) is uniform in [blur_min, blur_max].
  double blur = 0;
  double blur_min = 0.1, blur_max = 2.0;
  double solarise = 0;  // inverts values of 128 and above

  bool operator==(const CropRecipe&) const = default;
};

// Reads fields by their names, with '-' for '_': "count=2,size=224,crop=random,scale-min=.14". The
// other fields keep their defaults. Throws invalid_argument with an unknown name or the value that
// is out of range.
CropRecipe parse_crop(const std::string& fields);

// The text from which parse_crop() makes this crop.
std::string crop_text(const CropRecipe& crop);

// Throws invalid_argument with the field that is out of range.
void check_crop(const CropRecipe& crop);

struct ImageRecipe {
  std::string name;
  std::string summary;
  // The recipe may also change the preprocessing of test images (the shorter side is resized to
  // input_size / crop_share). Not set: as the backbone has it.
  std::optional<double> crop_share;
  std::optional<Interpolation> interpolation;
  std::vector<CropRecipe> crops;
};

// All recipes: paper-supervised, paper-ssl, small-ssl, clip, timm-eval, cifar.
const std::vector<ImageRecipe>& image_recipes();

}  // namespace submask
