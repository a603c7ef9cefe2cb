#include "data/batch/transform.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/fail.h"
#include "base/hash.h"
#include "base/names.h"
#include "data/data_fixtures.h"

namespace submask {
namespace {

Transform transform_of(int64_t size, double crop_share = 1,
                       Interpolation interpolation = Interpolation::bicubic) {
  Transform transform;
  transform.preprocessing.input_size = size;
  transform.preprocessing.crop_share = crop_share;
  transform.preprocessing.interpolation = interpolation;
  return transform;
}

// The first crop, as three planes.
std::vector<uint8_t> apply(const Transform& transform, const Image& image, uint64_t seed = 0) {
  const CropRecipe kind = crop_kinds(transform).front();
  const auto pixels = static_cast<size_t>(kind.size * kind.size);
  std::vector<uint8_t> out(3 * pixels, 99), planes;
  Random random({seed});
  Transformer(transform.preprocessing)
      .apply(image, draw_crop(kind, image.width, image.height, random), kind.size, out);
  for (size_t channel = 0; channel < 3; ++channel)
    for (size_t i = 0; i < pixels; ++i) planes.push_back(out[3 * i + channel]);
  return planes;
}

Transform with_crop(Transform transform, const std::string& crop) {
  transform.crops = {parse_crop(crop)};
  return transform;
}

TEST(Transform, TestTransformEqualsTorchvision) {
  const auto lines = golden_lines("transforms.txt");
  ASSERT_GE(lines.size(), 60U);
  for (const std::string& line : lines) {
    std::istringstream fields(line);
    int width = 0, height = 0, size = 0;
    double share = 0;
    std::string filter, digest;
    ASSERT_TRUE(fields >> width >> height >> size >> share >> filter >> digest) << line;
    const auto interpolation = value_named<Interpolation>(filter, "an interpolation");
    const auto planes =
        apply(transform_of(size, share, interpolation), noise_image(78, width, height));
    EXPECT_EQ(sha256_hex(planes), digest) << line;
  }
}

TEST(Transform, ExtremeShapesStaySmallWork) {
  const Image thread{1, 2'000'000, std::vector<uint8_t>(6'000'000, 7)};
  EXPECT_EQ(apply(transform_of(64), thread), std::vector<uint8_t>(64 * 64 * 3, 7));
  const Transform train = with_crop(transform_of(64), "crop=random");
  EXPECT_EQ(apply(train, thread), std::vector<uint8_t>(64 * 64 * 3, 7));
}

TEST(Transform, TrainingWithoutAugmentationIsTheTestTransform) {
  const Transform train = with_crop(transform_of(32, 0.875), "flip=0");
  const Image image = noise_image(3, 60, 45);
  EXPECT_EQ(apply(train, image, 5), apply(transform_of(32, 0.875), image));
}

TEST(Transform, PadsCropsAndMirrors) {
  constexpr int size = 8, pad = 2;
  const Transform train = with_crop(transform_of(size), text("pad=", pad));
  const Image image = noise_image(4, size, size);
  // Every outcome there can be, by definition: out(c, y, x) = image(y + dy, x' + dx) or black.
  std::set<std::vector<uint8_t>> possible;
  for (int dy = -pad; dy <= pad; ++dy)
    for (int dx = -pad; dx <= pad; ++dx)
      for (const bool mirrored : {false, true}) {
        std::vector<uint8_t> planes;
        for (int channel = 0; channel < 3; ++channel)
          for (int y = dy; y < size + dy; ++y)
            for (int i = 0; i < size; ++i) {
              const int x = (mirrored ? size - 1 - i : i) + dx;
              const bool inside = x >= 0 && x < size && y >= 0 && y < size;
              planes.push_back(
                  inside ? image.pixels[static_cast<size_t>((y * size + x) * 3 + channel)] : 0);
            }
        possible.insert(planes);
      }
  ASSERT_EQ(possible.size(), 50U);
  std::set<std::vector<uint8_t>> seen;
  for (uint64_t seed = 0; seed < 600; ++seed) seen.insert(apply(train, image, seed));
  EXPECT_EQ(seen, possible);
}

TEST(Transform, RandomCropIsACropThenAResize) {
  const Transform train = with_crop(transform_of(24), "crop=random,scale-min=.2,flip=0");
  const Image image = noise_image(8, 50, 40);
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random({seed});
    const CropBox box = random_crop_box(50, 40, train.crops.front(), random);
    Image part{box.width, box.height, {}};
    for (int y = box.top; y < box.top + box.height; ++y) {
      const uint8_t* begin = view_of(image).row(y) + ptrdiff_t{3} * box.left;
      part.pixels.insert(part.pixels.end(), begin, begin + ptrdiff_t{3} * box.width);
    }
    std::vector<uint8_t> expected(3 * 24 * 24);
    Resizer().resize(view_of(part), whole_axis(box.width, 24), whole_axis(box.height, 24),
                     Filter::bicubic, expected);
    const auto planes = apply(train, image, seed);
    for (size_t i = 0; i < 24 * 24; ++i)
      for (size_t channel = 0; channel < 3; ++channel)
        ASSERT_EQ(planes[channel * 24 * 24 + i], expected[3 * i + channel]);
  }
}

TEST(RandomCropBox, AreaAndAspectAreUniform) {
  Random random({17});
  double area = 0, log_ratio = 0, smallest = 1;
  constexpr int count = 20000;
  for (int i = 0; i < count; ++i) {
    const CropBox box = random_crop_box(1000, 1000, CropRecipe(), random);
    const double share = box.width * box.height / 1e6;
    area += share;
    smallest = std::min(smallest, share);
    log_ratio += std::log(static_cast<double>(box.width) / box.height);
    ASSERT_NEAR(std::fabs(std::log(static_cast<double>(box.width) / box.height)), 0,
                std::log(4 / 3.0) + 0.01);
  }
  // Boxes that do not fit are drawn again, so the mean is not .54; torchvision's, of as many boxes,
  // is .478.
  EXPECT_NEAR(area / count, 0.478, 0.006);
  EXPECT_NEAR(smallest, 0.08, 0.003);
  EXPECT_NEAR(log_ratio / count, 0, 0.01);
}

TEST(RandomCropBox, LiesInsideWhateverTheShape) {
  Random random({18});
  for (const auto& [width, height] :
       {std::pair{1, 1}, {1, 1000}, {1000, 1}, {3, 2}, {7, 500}, {640, 480}}) {
    for (int i = 0; i < 200; ++i) {
      const CropBox box = random_crop_box(width, height, CropRecipe(), random);
      ASSERT_GE(box.left, 0);
      ASSERT_GE(box.top, 0);
      ASSERT_GE(box.width, 1);
      ASSERT_GE(box.height, 1);
      ASSERT_LE(box.left + box.width, width);
      ASSERT_LE(box.top + box.height, height);
    }
  }
}

TEST(Transform, RefusesValuesOutOfRange) {
  const auto refused = [](auto change) {
    Transform transform;
    change(transform);
    return error_of(ErrorKind::invalid_argument, [&] { check_transform(transform); });
  };
  using T = Transform;
  EXPECT_EQ(refused([](T& t) { t.preprocessing.input_size = 0; }),
            "expected an input size of 1 to 4096 pixels, got 0");
  EXPECT_EQ(refused([](T& t) { t.preprocessing.input_size = 1 << 20; }),
            "expected an input size of 1 to 4096 pixels, got 1048576");
  EXPECT_EQ(refused([](T& t) { t.preprocessing.crop_share = 0; }),
            "expected a crop share of .01 to 1, got 0");
  EXPECT_EQ(refused([](T& t) { t.preprocessing.crop_share = std::nan(""); }),
            "expected a crop share of .01 to 1, got nan");
  EXPECT_EQ(refused([](T& t) { t.crops.emplace_back().scale_min = 1.5; }),
            "expected a crop's scale-min of 1e-06 to 1, got 1.5");
  EXPECT_EQ(refused([](T& t) { t.crops.emplace_back().pad = -1; }),
            "expected a crop's pad of 0 to 4096, got -1");
  EXPECT_EQ(refused([](T& t) { t.crops.emplace_back().pad = 225; }),
            "expected a crop's pad of at most its size, got 225");
}

}  // namespace
}  // namespace submask
