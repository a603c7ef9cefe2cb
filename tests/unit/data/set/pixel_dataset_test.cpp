#include <zlib.h>

#include "base/hash.h"
#include "data/data_fixtures.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

std::string big_endian(uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
          static_cast<char>(value >> 8), static_cast<char>(value)};
}

std::string idx(std::initializer_list<uint32_t> dimensions, const std::string& content) {
  std::string file = big_endian(0x800U | static_cast<uint32_t>(dimensions.size()));
  for (const uint32_t dimension : dimensions) file += big_endian(dimension);
  return file + content;
}

std::string counting_bytes(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += static_cast<char>(i);
  return bytes;
}

std::string gzipped(const std::string& content) {
  const fs::path path = fresh_folder("gzip") / "file.gz";
  gzFile file = gzopen(path.c_str(), "wb");
  gzwrite(file, content.data(), static_cast<unsigned>(content.size()));
  gzclose(file);
  return read_text_file(path);
}

// Four training and two test images of 3 x 2 pixels.
fs::path write_idx_folder(const std::string& name) {
  fs::path folder = fresh_folder(name);
  put_file(folder / "train-images-idx3-ubyte.gz", gzipped(idx({4, 2, 3}, counting_bytes(24))));
  put_file(folder / "train-labels-idx1-ubyte", idx({4}, std::string("\3\0\x9\1", 4)));
  put_file(folder / "t10k-images-idx3-ubyte", idx({2, 2, 3}, counting_bytes(12)));
  put_file(folder / "t10k-labels-idx1-ubyte.gz", gzipped(idx({2}, std::string("\1\2"))));
  return folder;
}

DataSplits open_idx(const fs::path& folder) {
  return open_data({.spec = "fashion-mnist:" + folder.string(), .labels = {}, .validation = {}});
}

std::string idx_error(const fs::path& folder, ErrorKind kind = ErrorKind::corrupt_file) {
  return error_of(kind, [&] { open_idx(folder); });
}

TEST(IdxDataset, ReadsPlainAndGzippedFiles) {
  const DataSplits data = open_idx(write_idx_folder("idx"));
  ASSERT_EQ(data.train->size(), 4);
  EXPECT_EQ(data.test->size(), 2);
  EXPECT_EQ(data.train->label(2), 9);
  EXPECT_EQ(data.train->class_names().at(9), "Ankle boot");
  const Image image = data.train->image(1);
  EXPECT_EQ(image.width, 3);
  EXPECT_EQ(image.height, 2);
  EXPECT_EQ(image.pixels,
            (std::vector<uint8_t>{6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 11}));
  EXPECT_TRUE(data.test->image_name(1).ends_with("t10k-images-idx3-ubyte#1"));
}

TEST(IdxDataset, NamesTheClassesOfAnySetByTheirNumbers) {
  const fs::path folder = write_idx_folder("idx_any");
  const DataOptions options{.spec = "idx:" + folder.string(), .labels = {}, .validation = {}};
  put_file(folder / "train-labels-idx1-ubyte", idx({4}, std::string("\3\0\x2\1", 4)));
  const DataSplits data = open_data(options);
  EXPECT_EQ(data.train->class_names(), (std::vector<std::string>{"0", "1", "2", "3"}));
  EXPECT_EQ(data.test->class_names(), data.train->class_names());
  put_file(folder / "train-labels-idx1-ubyte", idx({4}, std::string("\1\0\1\1", 4)));
  const std::string message = error_of(ErrorKind::corrupt_file, [&] { open_data(options); });
  EXPECT_NE(message.find("labels below 2, got 2"), std::string::npos) << message;
}

TEST(IdxDataset, DigestFollowsTheContent) {
  const fs::path folder = write_idx_folder("idx_digest");
  const DataSplits data = open_idx(folder);
  EXPECT_NE(data.train->digest(), data.test->digest());
  EXPECT_EQ(open_idx(folder).train->digest(), data.train->digest());
  put_file(folder / "train-labels-idx1-ubyte", idx({4}, std::string("\3\0\x9\2", 4)));
  EXPECT_NE(open_idx(folder).train->digest(), data.train->digest());
}

TEST(IdxDataset, RefusesDamagedFiles) {
  const fs::path folder = write_idx_folder("idx_damaged");
  const fs::path images = folder / "train-images-idx3-ubyte.gz",
                 labels = folder / "train-labels-idx1-ubyte";
  const std::string good_images = read_text_file(images), good_labels = read_text_file(labels);
  for (size_t size = 0; size < good_images.size(); ++size) {
    put_file(images, good_images.substr(0, size));
    EXPECT_NE(idx_error(folder).find(images.string()), std::string::npos) << size;
  }
  put_file(images, good_images);
  for (size_t size = 0; size < good_labels.size(); ++size) {
    put_file(labels, good_labels.substr(0, size));
    EXPECT_NE(idx_error(folder).find(labels.string()), std::string::npos) << size;
  }
  const auto refused_labels = [&](const std::string& content, const std::string& part_of_message) {
    put_file(labels, content);
    const std::string message = idx_error(folder);
    EXPECT_NE(message.find(part_of_message), std::string::npos) << message;
  };
  refused_labels(good_labels + "x", "more bytes");
  refused_labels(idx({3}, "\1\1\1"), "expected 4 labels");
  refused_labels(idx({4}, "\1\1\x0A\1"), "labels below 10, got 10");
  refused_labels(idx({4, 1}, "\1\1\1\1"), "magic number");
}

TEST(IdxDataset, RefusesHostileSizesWithoutAllocating) {
  const fs::path folder = write_idx_folder("idx_hostile");
  const fs::path images = folder / "train-images-idx3-ubyte.gz";
  for (const auto& sizes : {std::initializer_list<uint32_t>{0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF},
                            {0, 28, 28},
                            {4, 0, 28},
                            {0x40000000, 1, 4},
                            {1, 1 << 20, 1}}) {
    put_file(images, idx(sizes, counting_bytes(50)));
    EXPECT_NE(idx_error(folder).find(images.string()), std::string::npos);
  }
}

TEST(IdxDataset, NamesThePackageOfMissingFiles) {
  const std::string message = idx_error(fresh_folder("idx_missing"), ErrorKind::io);
  EXPECT_NE(message.find("dataset-fashion-mnist"), std::string::npos) << message;
}

TEST(IdxDataset, ReadsTheInstalledFashionMnist) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "Debian's package dataset-fashion-mnist is not installed";
  const DataSplits data = open_data({.spec = "fashion-mnist", .labels = {}, .validation = {}});
  ASSERT_EQ(data.train->size(), 60000);
  ASSERT_EQ(data.test->size(), 10000);
  EXPECT_EQ(data.train->image(0).width, 28);
  std::vector<int> counts(10);
  for (int64_t i = 0; i < 60000; ++i) ++counts.at(static_cast<size_t>(data.train->label(i)));
  EXPECT_EQ(counts, std::vector<int>(10, 6000));
}

std::string cifar_record(const std::string& labels, char red, char green, char blue) {
  return labels + std::string(1024, red) + std::string(1024, green) + std::string(1024, blue);
}

fs::path write_cifar10(const std::string& name) {
  fs::path folder = fresh_folder(name);
  for (int i = 1; i <= 5; ++i)
    put_file(folder / ("data_batch_" + std::to_string(i) + ".bin"),
             cifar_record(std::string(1, static_cast<char>(i)), static_cast<char>(i), 20, 30) +
                 cifar_record(std::string(1, '\0'), 1, 2, 3));
  put_file(folder / "test_batch.bin", cifar_record("\x9", 7, 8, 9));
  return folder;
}

TEST(CifarDataset, ReadsCifar10) {
  const fs::path folder = write_cifar10("cifar10");
  const DataSplits data =
      open_data({.spec = "cifar10:" + folder.string(), .labels = {}, .validation = {}});
  ASSERT_EQ(data.train->size(), 10);
  ASSERT_EQ(data.test->size(), 1);
  EXPECT_EQ(data.train->label(4), 3);
  EXPECT_EQ(data.train->class_names().at(3), "cat");
  const Image image = data.train->image(4);
  EXPECT_EQ(image.width, 32);
  EXPECT_EQ(std::vector<uint8_t>(image.pixels.end() - 3, image.pixels.end()),
            (std::vector<uint8_t>{3, 20, 30}));
}

TEST(CifarDataset, ReadsCifar100WithItsFineLabelsAndNames) {
  const fs::path python = fresh_folder("cifar_python");
  put_file(python / "cifar-10-batches-py/data_batch_1", "\x80\x02");
  put_file(python / "train", "\x80\x02");
  for (const auto& [name, got] : {std::pair{"10", "data_batch_1"}, {"100", "train"}})
    EXPECT_EQ(
        error_of(ErrorKind::corrupt_file,
                 [&] { open_data({.spec = std::string("cifar") + name + ":" + python.string()}); }),
        std::string("expected the binary version (cifar-") + name +
            "-binary.tar.gz), got Python's version, " + got + ", in " + python.string());
  const fs::path folder = fresh_folder("cifar100") / "cifar-100-binary";
  put_file(folder / "train.bin", cifar_record(std::string("\x13\x63"), 1, 2, 3));
  put_file(folder / "test.bin", cifar_record(std::string("\x13\0", 2), 1, 2, 3));
  const DataOptions options{
      .spec = "cifar100:" + folder.parent_path().string(), .labels = {}, .validation = {}};
  EXPECT_EQ(open_data(options).train->label(0), 99);
  EXPECT_EQ(open_data(options).train->class_names().at(99), "worm");
  put_file(folder / "fine_label_names.txt", "one\ntwo\n");
  const std::string message = error_of(ErrorKind::corrupt_file, [&] { open_data(options); });
  EXPECT_NE(message.find("expected 100 class names, got 2"), std::string::npos) << message;
}

TEST(CifarDataset, RefusesDamagedFiles) {
  const fs::path folder = write_cifar10("cifar10_damaged");
  const DataOptions options{.spec = "cifar10:" + folder.string(), .labels = {}, .validation = {}};
  const fs::path batch = folder / "data_batch_3.bin";
  const auto refused = [&](const std::string& content, ErrorKind kind) {
    fs::remove(batch);
    if (content != "missing") put_file(batch, content);
    const std::string message = error_of(kind, [&] { open_data(options); });
    EXPECT_NE(message.find("data_batch"), std::string::npos) << message;
  };
  refused("", ErrorKind::corrupt_file);
  refused(cifar_record("\1", 1, 2, 3) + "x", ErrorKind::corrupt_file);
  refused(cifar_record("\x0A", 1, 2, 3), ErrorKind::corrupt_file);
  refused("missing", ErrorKind::io);
}

}  // namespace
}  // namespace submask
