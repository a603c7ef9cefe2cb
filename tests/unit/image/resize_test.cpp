#include "image/resize.h"

#include "base/hash.h"
#include "data/data_fixtures.h"

namespace submask {
namespace {

std::vector<uint8_t> resized(const Image& source, const ResizeAxis& columns, const ResizeAxis& rows,
                             Filter filter) {
  std::vector<uint8_t> out(static_cast<size_t>(columns.count * rows.count) * 3, 99);
  Resizer().resize(view_of(source), columns, rows, filter, out);
  return out;
}

TEST(Resize, EqualsPillowBitForBit) {
  const auto lines = golden_lines("resizes.txt");
  ASSERT_GE(lines.size(), 60U);
  for (const std::string& line : lines) {
    std::istringstream fields(line);
    int width = 0, height = 0, new_width = 0, new_height = 0;
    float left = 0, top = 0, right = 0, bottom = 0;
    std::string filter, digest;
    ASSERT_TRUE(fields >> width >> height >> new_width >> new_height >> filter >> left >> top >>
                right >> bottom >> digest)
        << line;
    const Image source = noise_image(77, width, height);
    const auto result = resized(source, {left, right, new_width, 0, new_width},
                                {top, bottom, new_height, 0, new_height},
                                filter == "bicubic" ? Filter::bicubic : Filter::bilinear);
    EXPECT_EQ(sha256_hex(result), digest) << line;
  }
}

TEST(Resize, AWindowIsACropOfTheWhole) {
  for (const auto& [width, height] : {std::pair{90, 70}, {20, 30}, {40, 55}, {61, 50}, {45, 200}}) {
    const Image source = noise_image(5, width, height);
    const Image whole{
        40, 50, resized(source, whole_axis(width, 40), whole_axis(height, 50), Filter::bicubic)};
    const auto window = resized(source, {0, static_cast<float>(width), 40, 11, 17},
                                {0, static_cast<float>(height), 50, 30, 20}, Filter::bicubic);
    const ImageView crop = view_of(whole).crop(11, 30, 17, 20);
    std::vector<uint8_t> expected;
    for (int y = 0; y < crop.height; ++y)
      expected.insert(expected.end(), crop.row(y), crop.row(y) + ptrdiff_t{3} * crop.width);
    EXPECT_EQ(window, expected) << width << " x " << height;
  }
}

TEST(Resize, MirroredIsTheSameBackwards) {
  for (const auto& [width, height, size] :
       {std::tuple{30, 41, 20}, {20, 20, 20}, {9, 4, 20}, {20, 5, 20}, {33, 300, 20}}) {
    const Image source = noise_image(7, width, height);
    const auto straight =
        resized(source, whole_axis(width, size), whole_axis(height, size), Filter::bicubic);
    ResizeAxis columns = whole_axis(width, size);
    columns.mirrored = true;
    const auto mirrored = resized(source, columns, whole_axis(height, size), Filter::bicubic);
    for (int y = 0; y < size; ++y)
      for (int x = 0; x < size; ++x)
        for (int channel = 0; channel < 3; ++channel)
          ASSERT_EQ(mirrored.at(static_cast<size_t>((y * size + x) * 3 + channel)),
                    straight.at(static_cast<size_t>((y * size + size - 1 - x) * 3 + channel)));
  }
}

}  // namespace
}  // namespace submask
