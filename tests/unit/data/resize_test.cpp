#include "data/resize.h"

#include "base/hash.h"
#include "data_fixtures.h"

namespace submask {
namespace {

std::vector<uint8_t> packed(const ImageView& view) {
  std::vector<uint8_t> bytes;
  for (int y = 0; y < view.height; ++y)
    bytes.insert(bytes.end(), view.row(y), view.row(y) + ptrdiff_t{3} * view.width);
  return bytes;
}

TEST(Resize, EqualsPillowBitForBit) {
  const auto lines = golden_lines("resizes.txt");
  ASSERT_GE(lines.size(), 60U);
  Resizer resizer;
  for (const std::string& line : lines) {
    std::istringstream fields(line);
    int width = 0, height = 0, new_width = 0, new_height = 0;
    float left = 0, top = 0, right = 0, bottom = 0;
    std::string filter, digest;
    ASSERT_TRUE(fields >> width >> height >> new_width >> new_height >> filter >> left >> top >>
                right >> bottom >> digest)
        << line;
    const Image source = noise_image(77, width, height);
    const ImageView result =
        resizer.resize(view_of(source), {left, right, new_width, 0, new_width},
                       {top, bottom, new_height, 0, new_height},
                       filter == "bicubic" ? Filter::bicubic : Filter::bilinear);
    EXPECT_EQ(sha256_hex(packed(result)), digest) << line;
  }
}

TEST(Resize, AWindowIsACropOfTheWhole) {
  Resizer whole_resizer, window_resizer;
  for (const auto& [width, height] : {std::pair{90, 70}, {20, 30}, {40, 55}, {61, 50}, {45, 200}}) {
    const Image source = noise_image(5, width, height);
    const ImageView whole = whole_resizer.resize(view_of(source), whole_axis(width, 40),
                                                 whole_axis(height, 50), Filter::bicubic);
    const ImageView window =
        window_resizer.resize(view_of(source), {0, static_cast<float>(width), 40, 11, 17},
                              {0, static_cast<float>(height), 50, 30, 20}, Filter::bicubic);
    EXPECT_EQ(packed(window), packed(whole.crop(11, 30, 17, 20))) << width << " x " << height;
  }
}

TEST(Resize, SameSizeIsNoWork) {
  const Image source = noise_image(6, 20, 10);
  Resizer resizer;
  const ImageView result =
      resizer.resize(view_of(source), whole_axis(20, 20), whole_axis(10, 10), Filter::bilinear);
  EXPECT_EQ(result.pixels, source.pixels.data());
}

}  // namespace
}  // namespace submask
