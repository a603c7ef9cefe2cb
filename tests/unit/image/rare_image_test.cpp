// Kinds of images that are rarer in the field, damaged files that Pillow decodes, and orientations
// wherever they may be written: tests/reference/make_rare_images.py.
#include <algorithm>

#include "base/hash.h"
#include "data/data_fixtures.h"
#include "image/exif.h"
#include "image/image.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

const fs::path rare = golden_folder() / "rare_images";

std::vector<uint8_t> content_of(const std::string& name) {
  const MappedFile file(rare / name);
  return {file.bytes().begin(), file.bytes().end()};
}

bool is_damaged(const std::string& name) {
  constexpr const char* damaged[] = {
      "no_iend.png",           "cut_iend.png",           "wrong_iend.png",
      "early_baseline.jpg",    "interlaced_no_iend.png", "early_grey.jpg",
      "early_progressive.jpg", "stray_marker.jpg"};
  return std::find(std::begin(damaged), std::end(damaged), name) != std::end(damaged);
}

struct RareImage {
  std::string name, digest;
  int width = 0, height = 0;
};

std::vector<RareImage> rare_images() {
  std::vector<RareImage> images;
  for (const std::string& line : golden_lines("rare_images.txt")) {
    RareImage image;
    std::istringstream(line) >> image.name >> image.width >> image.height >> image.digest;
    images.push_back(image);
  }
  return images;
}

TEST(RareImage, DecodesAsInPillow) {
  ASSERT_GE(rare_images().size(), 60U);
  for (const RareImage& expected : rare_images()) {
    const Image image = read_image(rare / expected.name);
    EXPECT_EQ(image.width, expected.width) << expected.name;
    EXPECT_EQ(image.height, expected.height) << expected.name;
    EXPECT_EQ(sha256_hex(image.pixels), expected.digest) << expected.name;
    EXPECT_EQ(!image.damage.empty(), is_damaged(expected.name)) << expected.name << image.damage;
  }
}

TEST(RareImage, ThatIsDamagedIsRefusedByStrictRules) {
  for (const RareImage& image : rare_images()) {
    const auto read = [&] { read_image(rare / image.name, {.strict = true}); };
    if (!is_damaged(image.name)) {
      EXPECT_NO_THROW(read()) << image.name;
      continue;
    }
    const std::string message = error_of(ErrorKind::corrupt_file, read);
    EXPECT_TRUE(message.starts_with("expected an image without damage (--strict-images), got "))
        << message;
    EXPECT_TRUE(message.ends_with(", in " + (rare / image.name).string())) << message;
  }
}

// Crops show a part. Of a damaged image it has the pixels of the whole one.
TEST(RareImage, ThatIsDamagedHasItsPixelsInEveryPart) {
  for (const char* name : {"early_baseline.jpg", "early_grey.jpg", "stray_marker.jpg"}) {
    const Image whole = read_image(rare / name);
    const CropBox box{whole.width / 2, whole.height / 2, whole.width / 4, whole.height / 4};
    const Image part = read_image(rare / name, {}, {.part = [&](int, int) { return box; }});
    for (int y = box.top; y < box.top + box.height; ++y) {
      const auto begin = ptrdiff_t{3} * (ptrdiff_t{y} * whole.width + box.left);
      EXPECT_TRUE(std::equal(whole.pixels.begin() + begin,
                             whole.pixels.begin() + begin + ptrdiff_t{3} * box.width,
                             part.pixels.begin() + begin))
          << name << " row " << y;
    }
  }
}

TEST(RareImage, CutAnywhereIsAnErrorOrTheSameImage) {
  for (const RareImage& image : rare_images()) {
    if (is_damaged(image.name) || image.name.ends_with(".jpg")) continue;
    const std::vector<uint8_t> whole = content_of(image.name);
    for (size_t size = 0; size < whole.size(); ++size) {
      // A copy of just this size, so that a sanitizer sees a read behind it.
      const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      try {
        EXPECT_EQ(sha256_hex(decode_image(cut, "cut").pixels), image.digest)
            << image.name << " cut to " << size << " bytes";
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
        EXPECT_TRUE(std::string_view(error.what()).ends_with(", in cut")) << error.what();
      }
    }
  }
}

TEST(RareImage, ChangedBytesNeverCrash) {
  uint64_t number = 0;
  int refused = 0;
  for (const RareImage& image : rare_images()) {
    const std::vector<uint8_t> whole = content_of(image.name);
    Random random({20261130, number++});
    for (int round = 0; round < 60; ++round) {
      std::vector<uint8_t> changed = whole;
      for (uint64_t count = 1 + random.below(4); count > 0; --count)
        changed[random.below(std::min<size_t>(changed.size(), 200))] =
            static_cast<uint8_t>(random.next());
      try {
        const Image decoded = decode_image(changed, "changed", {.pixel_limit = 1'000'000});
        EXPECT_EQ(decoded.pixels.size(), size_t{3} * static_cast<size_t>(decoded.width) *
                                             static_cast<size_t>(decoded.height));
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

TEST(RareImage, RefusesMorePixelsThanAllowed) {
  for (const char* name : {"24.bmp", "runs_8.bmp", "palette.gif", "raw.tif", "rgb.ppm"}) {
    EXPECT_EQ(read_image(rare / name, {.pixel_limit = 24 * 17}).width, 24);
    const std::string message = error_of(
        ErrorKind::corrupt_file, [&] { read_image(rare / name, {.pixel_limit = 24 * 17 - 1}); });
    EXPECT_NE(message.find("24 x 17"), std::string::npos) << message;
  }
}

TEST(RareImage, StaysAsItLiesWhereExifIsIgnored) {
  for (const char* name : {"type4_big.jpg", "xmp.jpg", "orientation6.tif"}) {
    EXPECT_EQ(read_image(rare / name).width, 17) << name;
    EXPECT_EQ(read_image(rare / name, {.exif = ExifUse::ignore}).width, 24) << name;
  }
}

TEST(RareImage, NamesWhatMacOsLeavesBesideFiles) {
  const std::string resource("\0\x05\x16\x07\0\x02\0\0Mac OS X", 16);
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { decode_image(as_bytes(resource), "FILE"); }),
            "expected a JPEG, PNG, WebP, BMP, GIF, TIFF, PGM or PPM image, got what macOS keeps "
            "beside a file of another system (._NAME), in FILE");
}

}  // namespace
}  // namespace submask
