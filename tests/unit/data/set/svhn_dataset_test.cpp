#include "data/format/mat_file.h"
#include "dataset_trees.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::string golden_mat(const std::string& part) {
  return read_text_file(golden_folder() / "svhn" / (part + "_32x32.mat"));
}

// tests/reference/make_mat_files.py says what a pixel is.
int pixel(int row, int column, int channel, int image) {
  return (3 * row + 5 * column + 70 * channel + 11 * image) % 256;
}

TEST(SvhnDataset, ReadsSciPysFiles) {
  const std::string spec = "svhn:" + (golden_folder() / "svhn").string();
  const DataSplits data = open_spec(spec);
  EXPECT_EQ(labels_of(*data.train), (std::vector<int64_t>{1, 9, 0, 0, 3}));
  EXPECT_EQ(labels_of(*data.test), (std::vector<int64_t>{0, 2}));
  EXPECT_EQ(data.train->class_names().size(), 10U);
  EXPECT_EQ(data.train->class_names()[9], "9");
  for (const int n : {0, 4}) {
    const Image image = data.train->image(n);
    ASSERT_EQ(image.pixels.size(), 32U * 32 * 3);
    size_t i = 0;
    for (int row = 0; row < 32; ++row)
      for (int column = 0; column < 32; ++column)
        for (int channel = 0; channel < 3; ++channel)
          ASSERT_EQ(image.pixels[i++], pixel(row, column, channel, n)) << row << ' ' << column;
  }
  EXPECT_EQ(data.test->image(1).pixels[0], pixel(0, 0, 0, 1));
  expect_readable(spec);
}

TEST(SvhnDataset, ReadsClassFoldersWhereThereAreNoMatFiles) {
  const fs::path folder = fresh_folder("svhn_folders");
  for (const char* name : {"train/0/a.jpg", "train/1/b.jpg", "test/0/c.jpg", "test/1/d.jpg"})
    put_image(folder / name);
  EXPECT_EQ(open_spec("svhn:" + folder.string()).train->size(), 2);
  const fs::path empty = fresh_folder("svhn_empty");
  expect_part_of("train_32x32.mat", spec_error("svhn:" + empty.string(), ErrorKind::io));
}

std::string mat_error(const std::string& content, const char* name = "X") {
  return error_of(ErrorKind::corrupt_file,
                  [&] { read_mat_array(as_bytes(content), name, "FILE"); });
}

TEST(MatFile, ReadsOneArrayOfManyTypes) {
  const std::string train = golden_mat("train"), test = golden_mat("test");
  EXPECT_EQ(read_mat_array(as_bytes(train), "y", "FILE").values,
            (std::vector<uint8_t>{1, 9, 10, 10, 3}));
  EXPECT_EQ(read_mat_array(as_bytes(test), "y", "FILE").values, (std::vector<uint8_t>{10, 2}));
  EXPECT_EQ(read_mat_array(as_bytes(train), "X", "FILE").shape,
            (std::vector<uint64_t>{32, 32, 3, 5}));
  expect_part_of("array 'z', got none", mat_error(train, "z"));
  expect_part_of("real numbers as note", mat_error(train, "note"));
}

TEST(MatFile, RefusesOtherFiles) {
  expect_part_of("another file", mat_error(""));
  expect_part_of("another file", mat_error(std::string(200, ' ')));
  expect_part_of("version 5, as MATLAB's save -v7 writes it, got one of version 7.3",
                 mat_error("MATLAB 7.3 MAT-file, Platform: GLNXA64"));
}

// A cut or changed file fails with a message or reads on, and never more than its bytes.
TEST(MatFile, SurvivesDamage) {
  for (const char* part : {"train", "test"}) {
    const std::string good = golden_mat(part);
    for (size_t size = 0; size < good.size(); size += size < 400 ? 1 : 97)
      expect_part_of("FILE", mat_error(good.substr(0, size), "absent"));
    for (size_t i = 124; i < std::min<size_t>(good.size(), 600); ++i)
      for (const char change : {'\x01', '\x80', '\xFF'}) {
        std::string bad = good;
        bad[i] = static_cast<char>(bad[i] ^ change);
        for (const char* name : {"X", "y"}) try {
            read_mat_array(as_bytes(bad), name, "FILE");
          } catch (const Error& error) {
            ASSERT_EQ(error.kind(), ErrorKind::corrupt_file) << error.what();
          }
      }
  }
}

TEST(MatFile, FindsDamageInDeflatedPixels) {
  std::string bad = golden_mat("train");
  for (const size_t i : {size_t{600}, bad.size() / 2}) bad[i] = static_cast<char>(bad[i] ^ 0x55);
  mat_error(bad);
}

// An array of one dimension or more, stored without zlib.
std::string little_endian(uint32_t value) {
  return {static_cast<char>(value), static_cast<char>(value >> 8), static_cast<char>(value >> 16),
          static_cast<char>(value >> 24)};
}

std::string padded(std::string part) {
  part.resize((part.size() + 7) / 8 * 8);
  return part;
}

std::string part(uint32_t type, const std::string& content) {
  return padded(little_endian(type) + little_endian(static_cast<uint32_t>(content.size())) +
                content);
}

std::string mat(std::initializer_list<uint32_t> shape, uint32_t type, const std::string& values) {
  std::string lengths;
  for (const uint32_t length : shape) lengths += little_endian(length);
  return std::string(124, ' ') + std::string("\0\1IM", 4) +
         part(14, part(6, little_endian(9) + little_endian(0)) + part(5, lengths) + part(1, "X") +
                      part(type, values));
}

TEST(MatFile, RefusesSizesAndValuesThatCannotBe) {
  EXPECT_EQ(read_mat_array(as_bytes(mat({2, 1}, 2, "ab")), "X", "FILE").values.size(), 2U);
  mat_error(mat({3, 1}, 2, "ab"));
  mat_error(mat({0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, 2, "ab"));
  mat_error(mat({0x80000000, 0x80000000, 4}, 2, ""));
  mat_error(mat({2, 1}, 14, "ab"));
  expect_part_of("0 to 255", mat_error(mat({1, 1}, 3, std::string("\0\1", 2))));
  expect_part_of("0 to 255", mat_error(mat({1, 1}, 1 + 4, "\xFF\xFF\xFF\xFF")));
  expect_part_of("0 to 255, got -1", mat_error(mat({1, 1}, 1, "\xFF")));
  const double half = 0.5;
  const std::string raw(reinterpret_cast<const char*>(&half), sizeof half);
  expect_part_of("0 to 255, got 0.5", mat_error(mat({1, 1}, 9, raw)));
  std::string claims = mat({1u << 30, 1}, 2, "ab");
  claims.replace(claims.size() - 12, 4, little_endian(1u << 30));
  mat_error(claims);
}

TEST(SvhnDataset, RefusesLabelsAndShapesOutOfRange) {
  const fs::path folder = fresh_folder("svhn_bad");
  const std::string spec = "svhn:" + folder.string(), good = golden_mat("test");
  put_file(folder / "train_32x32.mat", golden_mat("train"));
  const auto refused = [&](const std::string& content, const std::string& part) {
    put_file(folder / "test_32x32.mat", content);
    expect_part_of(part, spec_error(spec));
  };
  std::string bad = good;
  const size_t label = good.find(std::string("\xA\0\0\0\0\0\0\0\2\0", 10));
  ASSERT_NE(label, std::string::npos);
  bad[label] = 11;
  refused(bad, "labels of 1 to 10, which is the digit 0, got 11");
  bad[label] = 0;
  refused(bad, "got 0");
  refused(mat({32, 32, 3, 1}, 2, std::string(3072, 'x')), "array 'y'");
}

}  // namespace
}  // namespace submask
