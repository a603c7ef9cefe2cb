#include <gtest/gtest.h>

#include <submask/recipe.h>

#include "data/data_fixtures.h"

namespace submask {
namespace {

TEST(CropRecipe, IsReadAndWrittenAsText) {
  const CropRecipe crop =
      parse_crop("count=6,size=96,crop=random,scale-min=.05,scale-max=0.14,blur=.5");
  EXPECT_EQ(crop.count, 6);
  EXPECT_EQ(crop.size, 96);
  EXPECT_EQ(crop.crop, "random");
  EXPECT_EQ(crop.scale_min, 0.05);
  EXPECT_EQ(crop.scale_max, 0.14);
  EXPECT_EQ(crop.blur, 0.5);
  EXPECT_EQ(crop.flip, 0.5);
  EXPECT_EQ(crop_text(crop), "count=6,size=96,crop=random,scale-min=0.05,scale-max=0.14,blur=0.5");
  EXPECT_EQ(crop_text(CropRecipe()), "count=1");
  for (const ImageRecipe& recipe : image_recipes())
    for (const CropRecipe& each : recipe.crops) EXPECT_EQ(parse_crop(crop_text(each)), each);
}

TEST(CropRecipe, NamesWhatIsWrong) {
  const auto refused = [](const std::string& fields, const std::string& expected) {
    const std::string message = error_of(ErrorKind::invalid_argument, [&] { parse_crop(fields); });
    EXPECT_NE(message.find(expected), std::string::npos) << message;
  };
  refused("", "a field of a crop (count, size, crop");
  refused("flips=1", "(flip? count, size, crop");
  refused("size=16,size=32", "each field of a crop once, got size twice");
  refused("flip", "flip=VALUE");
  refused("flip=often", "a number as flip, got often");
  refused("count=1.5", "a whole number as count, got 1.5");
  refused("count=0", "count of 1 to 64, got 0");
  refused("flip=1.5", "flip of 0 to 1, got 1.5");
  refused("flip=nan", "flip of 0 to 1, got nan");
  refused("crop=center", "a crop (centre? centre or random), got center");
  refused("scale-min=.5,scale-max=.2", "scale-max, 0.2, got 0.5");
  refused("blur-min=3", "blur-max, 2, got 3");
  refused("size=5000", "size of 0 to 4096");
}

// RECIPES: "Training".
TEST(ImageRecipes, AreThePapers) {
  const auto recipe = [](const std::string& name) {
    for (const ImageRecipe& each : image_recipes())
      if (each.name == name) return each;
    ADD_FAILURE() << name;
    return ImageRecipe();
  };
  const auto texts = [](const ImageRecipe& recipe) {
    std::vector<std::string> result;
    for (const CropRecipe& crop : recipe.crops) result.push_back(crop_text(crop));
    return result;
  };
  using Texts = std::vector<std::string>;
  EXPECT_EQ(texts(recipe("paper-supervised")),
            Texts{"count=1,crop=random,scale-min=1,jitter=0.8,grey=0.2,solarise=0.2"});
  const std::string colours =
      ",jitter=0.8,brightness=0.8,contrast=0.8,saturation=0.8,hue=0.2,grey=0.2,blur=0.5";
  EXPECT_EQ(texts(recipe("paper-ssl")),
            (Texts{"count=2,size=224,crop=random,scale-min=0.14" + colours,
                   "count=6,size=96,crop=random,scale-min=0.05,scale-max=0.14" + colours}));
  EXPECT_EQ(texts(recipe("clip")), Texts{"count=1,flip=0"});
  EXPECT_EQ(texts(recipe("timm-eval")), Texts{"count=1,flip=0"});
  EXPECT_EQ(recipe("timm-eval").crop_share, 0.875);
  EXPECT_EQ(texts(recipe("cifar")), Texts{"count=1,pad=4"});
}

}  // namespace
}  // namespace submask
