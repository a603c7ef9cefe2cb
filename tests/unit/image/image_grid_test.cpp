#include "image/image_grid.h"

#include <gmock/gmock.h>

#include "data/data_fixtures.h"
#include "image/pixel_font.h"

namespace submask {
namespace {

constexpr int margin = 4;

Image plain(int width, int height, uint8_t value) {
  return {width, height,
          std::vector<uint8_t>(size_t{3} * static_cast<size_t>(width * height), value)};
}

uint8_t red_at(const Image& image, int x, int y) {
  return image.pixels.at(size_t{3} * static_cast<size_t>(y * image.width + x));
}

// The rows of text under a picture of one image: '#' where there is ink, without the blank margin
// on the left.
std::vector<std::string> text_below(const Image& picture, int image_height) {
  std::vector<std::string> rows;
  size_t first = std::string::npos;
  for (int y = margin + image_height; y < picture.height; ++y) {
    std::string row;
    for (int x = 0; x < picture.width; ++x) row += red_at(picture, x, y) == 0 ? '#' : '.';
    rows.push_back(row);
    first = std::min(first, row.find('#'));
  }
  if (first == std::string::npos) return {};
  for (std::string& row : rows) row = row.substr(first);
  return rows;
}

int ink(const Image& picture, int image_height) {
  int count = 0;
  for (const std::string& row : text_below(picture, image_height))
    for (const char c : row) count += c == '#' ? 1 : 0;
  return count;
}

int ink_of(const std::string& letters) {
  int count = 0;
  for (const char letter : letters)
    for (int y = 0; y < glyph_height; ++y)
      for (int x = 0; x < glyph_width; ++x) count += glyph_has_ink(letter, x, y) ? 1 : 0;
  return count;
}

TEST(PixelFont, EveryLetterDiffersAndStaysInItsCell) {
  std::vector<std::string> seen;
  for (int letter = 0; letter < 256; ++letter) {
    std::string pixels;
    for (int y = -1; y <= glyph_height; ++y)
      for (int x = -1; x <= glyph_width; ++x) {
        const bool has_ink = glyph_has_ink(static_cast<char>(letter), x, y);
        EXPECT_FALSE(has_ink && (x < 0 || x >= glyph_width - 1 || y < 0 || y >= glyph_height));
        pixels += has_ink ? '#' : '.';
      }
    const bool is_blank = pixels.find('#') == std::string::npos;
    EXPECT_EQ(is_blank, letter <= ' ' || letter > '~') << letter;
    if (is_blank) continue;
    EXPECT_EQ(std::count(seen.begin(), seen.end(), pixels), 0) << static_cast<char>(letter);
    seen.push_back(pixels);
  }
  EXPECT_EQ(seen.size(), 94U);
}

TEST(DrawGrid, EnlargesByAWholeFactor) {
  Image image = plain(2, 2, 50);
  image.pixels[0] = 200;
  const Image picture = draw_grid({{image, "x"}}, 5);
  EXPECT_EQ(picture.width, 96 + 2 * margin);
  for (const int at : {0, 47}) EXPECT_EQ(red_at(picture, margin + at, margin + at), 200);
  EXPECT_EQ(red_at(picture, margin + 48, margin), 50);
  EXPECT_EQ(red_at(picture, margin + 95, margin + 95), 50);
  EXPECT_EQ(red_at(picture, margin + 96, margin), 255);
  EXPECT_EQ(red_at(picture, margin - 1, margin), 255);
}

TEST(DrawGrid, PutsImagesInRowsAndSmallerOnesInTheMiddle) {
  const Image picture = draw_grid(
      {{plain(100, 100, 10), "a"}, {plain(50, 20, 20), "b"}, {plain(100, 100, 30), "c"}}, 2);
  const int cell = 100 + 2 * margin;
  ASSERT_EQ(picture.width, 2 * cell);
  EXPECT_EQ(red_at(picture, margin, margin), 10);
  EXPECT_EQ(red_at(picture, cell + margin + 24, margin + 40), 255);
  EXPECT_EQ(red_at(picture, cell + margin + 25, margin + 40), 20);
  EXPECT_EQ(red_at(picture, cell + margin + 25, margin + 39), 255);
  EXPECT_EQ(red_at(picture, margin, picture.height / 2 + margin), 30);
  EXPECT_EQ(red_at(picture, cell + margin, picture.height / 2 + margin), 255);
}

TEST(DrawGrid, WritesTheCaptionBelow) {
  const auto rows = text_below(draw_grid({{plain(96, 96, 255), "To"}}, 1), 96);
  ASSERT_EQ(rows.size(), static_cast<size_t>(2 * margin + glyph_height + 1));
  EXPECT_EQ(rows[margin].substr(0, 12), "#####.......");
  EXPECT_EQ(rows[margin + 2].substr(0, 12), "..#....###..");
  EXPECT_EQ(rows[margin + 6].substr(0, 12), "..#....###..");
}

TEST(DrawGrid, BreaksAndCutsLongCaptions) {
  const auto height = [](const std::string& caption) {
    return draw_grid({{plain(96, 96, 255), caption}}, 1).height;
  };
  const auto drawn = [](const std::string& caption) {
    return ink(draw_grid({{plain(96, 96, 255), caption}}, 1), 96);
  };
  EXPECT_EQ(height("sixteen letters!"), height(""));
  EXPECT_EQ(height("seventeen letters"), height("") + glyph_height + 1);
  EXPECT_EQ(drawn("seventeen letters"), ink_of("seventeen letters"));
  const std::string words = "a name of far too many words for it";
  EXPECT_EQ(height(words), height("seventeen letters"));
  EXPECT_EQ(drawn(words), ink_of("a name of far too many words .."));
  EXPECT_EQ(drawn(std::string(40, 'W')), ink_of(std::string(30, 'W') + ".."));
}

TEST(DrawGrid, EscapesWhatIsNotAscii) {
  EXPECT_EQ(ink(draw_grid({{plain(96, 96, 255), "\xC3\xA9\n"}}, 1), 96), ink_of("\\xC3\\xA9\\x0A"));
}

TEST(DrawGrid, RefusesWhatMakesNoPicture) {
  const CaptionedImage good{plain(4, 4, 0), ""};
  const auto refused = [](const std::vector<CaptionedImage>& images, int64_t columns) {
    return error_of(ErrorKind::invalid_argument, [&] { draw_grid(images, columns); });
  };
  EXPECT_EQ(refused({}, 1), "expected one or more images in one or more columns, got 0 in 1");
  EXPECT_EQ(refused({good}, 0), "expected one or more images in one or more columns, got 1 in 0");
  EXPECT_EQ(refused({good, {Image{}, ""}}, 1),
            "expected images of width x height x 3 bytes, got 0 bytes");
  EXPECT_EQ(refused({{Image{4, 4, {1, 2, 3}}, ""}}, 1),
            "expected images of width x height x 3 bytes, got 3 bytes");
  EXPECT_THAT(refused(std::vector<CaptionedImage>(20'000, good), 20'000),
              testing::StartsWith("expected a picture of at most 400000000 pixels, got "));
}

}  // namespace
}  // namespace submask
