#include "image/image.h"

#include "base/hash.h"
#include "data/data_fixtures.h"
#include "image/exif.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

TEST(Image, EveryKindDecodesAsInPillow) {
  const auto lines = golden_lines("images.txt");
  ASSERT_GE(lines.size(), 37U);
  for (const std::string& line : lines) {
    std::istringstream fields(line);
    std::string name, digest;
    int width = 0, height = 0;
    ASSERT_TRUE(fields >> name >> width >> height >> digest) << line;
    const Image image = read_image(golden_folder() / "images" / name);
    EXPECT_EQ(image.width, width) << name;
    EXPECT_EQ(image.height, height) << name;
    EXPECT_EQ(sha256_hex(image.pixels), digest) << name;
  }
}

TEST(Image, GoesByContentNotByName) {
  const fs::path folder = fresh_folder("content");
  fs::copy_file(golden_folder() / "images/rgb420.jpg", folder / "really_a_jpeg.png");
  EXPECT_EQ(read_image(folder / "really_a_jpeg.png").pixels,
            read_image(golden_folder() / "images/rgb420.jpg").pixels);
}

TEST(Image, NamesAFileThatIsNoImage) {
  const fs::path folder = fresh_folder("no_image");
  put_file(folder / "empty.jpg", "");
  put_file(folder / "text.jpg", "<html>\n404");
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { read_image(folder / "empty.jpg"); }),
            "expected a JPEG, PNG, WebP, BMP, GIF, TIFF, PGM or PPM image, got an empty file, in " +
                (folder / "empty.jpg").string());
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { read_image(folder / "text.jpg"); }),
            "expected a JPEG, PNG, WebP, BMP, GIF, TIFF, PGM or PPM image, got a file that begins "
            "with \"<html>.4\", in " +
                (folder / "text.jpg").string());
  EXPECT_EQ(error_of(ErrorKind::io, [&] { read_image(folder / "missing.jpg"); }),
            "cannot open " + (folder / "missing.jpg").string() + ": No such file or directory");
}

TEST(Image, RefusesMorePixelsThanAllowed) {
  for (const char* name : {"rgb420.jpg", "interlaced.png", "lossy.webp", "animated.webp"}) {
    const fs::path path = golden_folder() / "images" / name;
    EXPECT_EQ(read_image(path, {.pixel_limit = 24 * 17}).width, 24);
    const std::string message =
        error_of(ErrorKind::corrupt_file, [&] { read_image(path, {.pixel_limit = 24 * 17 - 1}); });
    EXPECT_NE(message.find("24 x 17"), std::string::npos) << message;
    EXPECT_NE(message.find(name), std::string::npos) << message;
  }
}

// A little-endian block with the one entry that matters.
std::string exif_block(int value, int type = 3) {
  std::string block("II*\0\x08\0\0\0\x01\0\x12\x01\0\0\x01\0\0\0\0\0\0\0\0\0\0\0", 26);
  block[12] = static_cast<char>(type);
  block[18] = static_cast<char>(value);
  return block;
}

TEST(Exif, ReadsOrientationsInRangeOnly) {
  for (int value = 1; value <= 8; ++value)
    EXPECT_EQ(exif_orientation(as_bytes(exif_block(value))), value);
  for (const int type : {4, 6, 8, 9})
    EXPECT_EQ(exif_orientation(as_bytes(exif_block(6, type))), 6) << type;
  EXPECT_EQ(exif_orientation(as_bytes(exif_block(0))), std::nullopt);
  EXPECT_EQ(exif_orientation(as_bytes(exif_block(9))), std::nullopt);
  for (const int type : {0, 1, 2, 5, 7, 10, 12})
    EXPECT_EQ(exif_orientation(as_bytes(exif_block(6, type))), std::nullopt) << type;
  std::string two = exif_block(6);
  two[14] = 2;
  EXPECT_EQ(exif_orientation(as_bytes(two)), std::nullopt);
  const std::string prefixed = exif_block(6).insert(0, "Exif\0\0", 6);
  EXPECT_EQ(exif_orientation(as_bytes(prefixed)), 6);
}

TEST(Exif, XmpNamesOrientationsAsAttributesAndElements) {
  const auto orientation = [](const std::string& packet) {
    return xmp_orientation(as_bytes(packet));
  };
  EXPECT_EQ(orientation(R"(<a tiff:Orientation="6"/>)"), 6);
  EXPECT_EQ(orientation("<tiff:Orientation>8</tiff:Orientation>"), 8);
  EXPECT_EQ(orientation("tiff:Orientation tiff:Orientation='3' tiff:Orientation>5"), 5);
  for (const char* none : {"", "tiff:Orientation", "tiff:Orientation=", "tiff:Orientation=\"",
                           "tiff:Orientation>x", "tiff:Orientation>9", "tiff:Orientation>0"})
    EXPECT_EQ(orientation(none), std::nullopt) << none;
}

TEST(Exif, DamageMeansUpright) {
  const std::string block = exif_block(6);
  for (size_t size = 0; size < 20; ++size) {
    // A heap copy of just this size, so that a sanitizer sees a read behind it.
    const std::vector<uint8_t> cut(block.begin(), block.begin() + static_cast<ptrdiff_t>(size));
    EXPECT_EQ(exif_orientation(cut), std::nullopt) << size;
  }
  std::string far = block;
  far[4] = far[5] = far[6] = far[7] = '\xFF';
  EXPECT_EQ(exif_orientation(as_bytes(far)), std::nullopt);
  std::string many = block;
  many[8] = many[9] = '\xFF';
  many[10] = 0;
  EXPECT_EQ(exif_orientation(as_bytes(many)), std::nullopt);
}

}  // namespace
}  // namespace submask
