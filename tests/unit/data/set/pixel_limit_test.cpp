#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// The 41 bytes that begin a PNG of 50,000 x 50,000 pixels: seven gigabytes, if it were decoded.
constexpr std::string_view bomb(
    "\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\xC3\x50\0\0\xC3\x50\x08\x02\0\0\0\xC4\xCD\xAA\x9D"
    "\0\0\x10\0IDAT",
    41);

DataSplits open_limited(const std::string& spec, int64_t pixel_limit) {
  return open_data({.spec = spec, .labels = {}, .validation = {}, .decode = {pixel_limit}});
}

fs::path tree_with(std::string_view image) {
  const fs::path folder = fresh_folder("pixel_limit");
  for (const char* part : {"train", "test"}) put_file(folder / part / "cat/1.png", image);
  return folder;
}

TEST(PixelLimit, RefusesABombByItsHeaderAndNamesTheOption) {
  const fs::path folder = tree_with(bomb);
  const auto train = open_spec("folder:" + folder.string()).train;
  EXPECT_EQ(error_of(ErrorKind::corrupt_file, [&] { train->image(0); }),
            "expected an image of 1 to 100000000 pixels (--pixel-limit changes that), got 50000 x "
            "50000, in " +
                (folder / "train/cat/1.png").string());
}

TEST(PixelLimit, HoldsForEveryReaderOfImageFiles) {
  const std::string png = read_text_file(golden_folder() / "images/rgb.png");  // 24 x 17
  const fs::path folder = tree_with(png);
  put_file(folder / "list.csv",
           "path,label,split\ntrain/cat/1.png,cat,train\ntest/cat/1.png,cat,test\n");
  for (const std::string& spec :
       {"folder:" + folder.string(), "csv:" + (folder / "list.csv").string()}) {
    EXPECT_EQ(open_limited(spec, 24 * 17).train->image(0).width, 24) << spec;
    const auto limited = open_limited(spec, 24 * 17 - 1).test;
    expect_part_of("24 x 17", error_of(ErrorKind::corrupt_file, [&] { limited->image(0); }));
  }
  for (const int64_t limit : {0, -1})
    EXPECT_EQ(error_of(ErrorKind::invalid_argument,
                       [&] { open_limited("folder:" + folder.string(), limit); }),
              "expected a --pixel-limit of 1 or more, got " + std::to_string(limit));
}

}  // namespace
}  // namespace submask
