#include <algorithm>
#include <gmock/gmock.h>

#include "data/data_fixtures.h"
#include "image/image.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::vector<uint8_t> content_of(const fs::path& path) {
  const MappedFile file(path);
  return {file.bytes().begin(), file.bytes().end()};
}

std::vector<fs::path> every_image() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(golden_folder() / "images"))
    paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// A PNG that is cut behind its pixels decodes as in Pillow, and is called damaged.
TEST(DamagedImage, CutAnywhereIsAnErrorOrDamage) {
  const testing::Matcher<std::string> names_the_image =
      testing::AllOf(testing::StartsWith("expected "), testing::EndsWith(", in cut"));
  for (const fs::path& path : every_image()) {
    const std::vector<uint8_t> whole = content_of(path);
    for (size_t size = 0; size < whole.size(); ++size) {
      const std::vector<uint8_t> cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
      const DecodeRules strict{.strict = true};
      EXPECT_THAT(error_of(ErrorKind::corrupt_file, [&] { decode_image(cut, "cut", strict); }),
                  names_the_image)
          << path << " cut to " << size << " bytes";
      if (path.extension() == ".png") continue;
      EXPECT_NE(error_of(ErrorKind::corrupt_file, [&] { decode_image(cut, "cut"); }), "");
    }
  }
}

// Any pixels or any Error, but nothing worse (build with the asan preset).
TEST(DamagedImage, ChangedBytesNeverCrash) {
  constexpr uint64_t seed = 20260114;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  uint64_t number = 0;
  int refused = 0;
  for (const fs::path& path : every_image()) {
    const std::vector<uint8_t> whole = content_of(path);
    Random random({seed, number++});
    for (int round = 0; round < 100; ++round) {
      std::vector<uint8_t> changed = whole;
      for (uint64_t count = 1 + random.below(4); count > 0; --count)
        changed[random.below(changed.size())] = static_cast<uint8_t>(random.next());
      try {
        const Image image = decode_image(changed, "changed", {.pixel_limit = 1'000'000});
        EXPECT_EQ(image.pixels.size(),
                  size_t{3} * static_cast<size_t>(image.width) * static_cast<size_t>(image.height));
      } catch (const Error& error) {
        EXPECT_EQ(error.kind(), ErrorKind::corrupt_file);
        EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos);
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 100);
}

// A progressive file whose first scan comes a thousand times: each costs a pass over all pixels for
// a few bytes.
TEST(DamagedImage, EndlessScansAreAnError) {
  const std::vector<uint8_t> whole = content_of(golden_folder() / "images/progressive.jpg");
  const auto find_marker = [&](auto from, std::vector<uint8_t> marker) {
    return std::search(from, whole.end(), marker.begin(), marker.end());
  };
  const auto first = find_marker(whole.begin(), {0xFF, 0xDA});
  const auto second = find_marker(first + 2, {0xFF, 0xC4});  // the tables of the second scan
  ASSERT_NE(second, whole.end());
  std::vector<uint8_t> many(whole.begin(), first);
  for (int i = 0; i < 1000; ++i) many.insert(many.end(), first, second);
  many.insert(many.end(), second, whole.end());
  const std::string message =
      error_of(ErrorKind::corrupt_file, [&] { decode_image(many, "many"); });
  EXPECT_NE(message.find("scans"), std::string::npos) << message;
}

}  // namespace
}  // namespace submask
