#include "image/image_grid.h"

#include <algorithm>
#include <string_view>

#include "base/fail.h"
#include "image/pixel_font.h"

namespace submask {
namespace {

constexpr int64_t cell_margin = 4;  // pixels around a cell
constexpr size_t most_lines = 2;
constexpr uint8_t white = 255, black = 0;

struct Point {
  int64_t x = 0, y = 0;
};

// Sizes in pixels of the picture.
struct Layout {
  int64_t columns, rows;
  int64_t enlarged;  // the side of the square that a pixel of an image becomes
  int64_t image_width, image_height;
  int64_t font;     // the side of the square that a pixel of a letter becomes
  int64_t letters;  // in a line
  int64_t lines;    // of the longest caption

  int64_t cell_width() const { return image_width + 2 * cell_margin; }
  int64_t cell_height() const {
    return image_height + 2 * cell_margin + lines * (glyph_height + 1) * font + cell_margin;
  }
};

std::string printable(std::string_view caption) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string shown;
  for (const char c : caption) {
    const auto byte = static_cast<uint8_t>(c);
    if (c >= ' ' && c <= '~') {
      shown += c;
    } else {
      shown += "\\x";
      shown += digits[byte / 16];
      shown += digits[byte % 16];
    }
  }
  return shown;
}

// A line ends after the last blank, or the last sign that joins words; or where it is full.
std::vector<std::string> break_lines(const std::string& caption, size_t letters) {
  std::vector<std::string> lines;
  std::string_view rest = caption;
  while (rest.size() > letters && lines.size() + 1 < most_lines) {
    const size_t joint = rest.substr(0, letters).find_last_of(" _-/,");
    const size_t end = joint == std::string_view::npos ? letters : joint + 1;
    lines.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end);
  }
  if (rest.size() > letters)
    lines.push_back(std::string(rest.substr(0, letters - 2)) + "..");
  else
    lines.emplace_back(rest);
  return lines;
}

Layout lay_out(const std::vector<CaptionedImage>& images, int64_t columns) {
  constexpr int64_t least_side = 96, letter_side = 112;
  Layout layout{};
  int64_t width = 1, height = 1;
  for (const CaptionedImage& each : images) {
    width = std::max<int64_t>(width, each.image.width);
    height = std::max<int64_t>(height, each.image.height);
  }
  layout.columns = std::min(columns, std::ssize(images));
  layout.rows = (std::ssize(images) + layout.columns - 1) / layout.columns;
  layout.enlarged = (least_side + std::max(width, height) - 1) / std::max(width, height);
  layout.image_height = height * layout.enlarged;
  // Room for a few letters under images that are high and narrow, too.
  layout.image_width = std::max(width * layout.enlarged, int64_t{8} * glyph_width);
  layout.font = std::max<int64_t>(1, layout.image_width / letter_side);
  layout.letters = layout.image_width / (glyph_width * layout.font);
  for (const CaptionedImage& each : images)
    layout.lines = std::max(
        layout.lines,
        std::ssize(break_lines(printable(each.caption), static_cast<size_t>(layout.letters))));
  return layout;
}

Image blank_picture(const Layout& layout) {
  constexpr int64_t most_pixels = 400'000'000, most_side = 1'000'000;
  const int64_t width = layout.columns * layout.cell_width();
  const int64_t height = layout.rows * layout.cell_height();
  if (width > most_side || height > most_side || width * height > most_pixels)
    fail_argument(text("a picture of at most ", most_pixels, " pixels"),
                  text(width, " x ", height));
  return {static_cast<int>(width), static_cast<int>(height),
          std::vector<uint8_t>(static_cast<size_t>(3 * width * height), white)};
}

uint8_t* pixel_at(Image& picture, int64_t x, int64_t y) {
  return picture.pixels.data() + 3 * (y * picture.width + x);
}

void paste(const Image& image, int64_t enlarged, Point corner, Image& picture) {
  const auto row_bytes = static_cast<ptrdiff_t>(int64_t{3} * image.width * enlarged);
  for (int64_t y = 0; y < image.height; ++y) {
    uint8_t* first = pixel_at(picture, corner.x, corner.y + y * enlarged);
    uint8_t* out = first;
    const uint8_t* pixel = image.pixels.data() + 3 * y * image.width;
    for (int64_t x = 0; x < image.width; ++x, pixel += 3)
      for (int64_t copy = 0; copy < enlarged; ++copy) out = std::copy_n(pixel, 3, out);
    for (int64_t copy = 1; copy < enlarged; ++copy)
      std::copy_n(first, row_bytes, pixel_at(picture, corner.x, corner.y + y * enlarged + copy));
  }
}

void write_line(const std::string& line, int64_t font, Point corner, Image& picture) {
  for (const char letter : line) {
    for (int y = 0; y < glyph_height; ++y)
      for (int x = 0; x < glyph_width; ++x) {
        if (!glyph_has_ink(letter, x, y)) continue;
        for (int64_t row = 0; row < font; ++row)
          std::fill_n(pixel_at(picture, corner.x + x * font, corner.y + y * font + row), 3 * font,
                      black);
      }
    corner.x += glyph_width * font;
  }
}

void draw_cell(const CaptionedImage& content, const Layout& layout, Point corner, Image& picture) {
  const int64_t width = content.image.width * layout.enlarged;
  const int64_t height = content.image.height * layout.enlarged;
  corner.x += cell_margin;
  corner.y += cell_margin;
  paste(
      content.image, layout.enlarged,
      {corner.x + (layout.image_width - width) / 2, corner.y + (layout.image_height - height) / 2},
      picture);
  corner.y += layout.image_height + cell_margin;
  const auto lines = break_lines(printable(content.caption), static_cast<size_t>(layout.letters));
  for (const std::string& line : lines) {
    const int64_t line_width = std::ssize(line) * glyph_width * layout.font;
    write_line(line, layout.font, {corner.x + (layout.image_width - line_width) / 2, corner.y},
               picture);
    corner.y += (glyph_height + 1) * layout.font;
  }
}

}  // namespace

Image draw_grid(const std::vector<CaptionedImage>& images, int64_t columns) {
  if (images.empty() || columns < 1)
    fail_argument("one or more images in one or more columns",
                  text(images.size(), " in ", columns));
  for (const CaptionedImage& each : images)
    if (each.image.width < 1 || each.image.height < 1 ||
        each.image.pixels.size() != size_t{3} * static_cast<size_t>(each.image.width) *
                                        static_cast<size_t>(each.image.height))
      fail_argument("images of width x height x 3 bytes", text(each.image.pixels.size(), " bytes"));
  const Layout layout = lay_out(images, columns);
  Image picture = blank_picture(layout);
  for (int64_t i = 0; i < std::ssize(images); ++i)
    draw_cell(images[static_cast<size_t>(i)], layout,
              {i % layout.columns * layout.cell_width(), i / layout.columns * layout.cell_height()},
              picture);
  return picture;
}

}  // namespace submask
