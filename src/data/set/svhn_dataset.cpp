// SVHN's cropped digits: {train,test}_32x32.mat, X [32, 32, 3, N] and y [N, 1], where 10 is the
// digit 0. Or somebody's class folders of them.
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "data/format/mat_file.h"
#include "data/set/dataset_registry.h"
#include "data/set/folder_dataset.h"
#include "data/set/memory_dataset.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr size_t side = 32;

std::vector<std::string> digit_names() {
  return {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"};
}

// Columns after columns become rows after rows, plane by plane.
void transpose_planes(std::vector<uint8_t>& pixels) {
  for (size_t plane = 0; plane < pixels.size(); plane += side * side)
    for (size_t row = 0; row < side; ++row)
      for (size_t column = 0; column < row; ++column)
        std::swap(pixels[plane + row * side + column], pixels[plane + column * side + row]);
}

std::shared_ptr<const Dataset> read_part(const fs::path& path) {
  const MappedFile file(path);
  MatArray images = read_mat_array(file.bytes(), "X", file.path());
  MatArray labels = read_mat_array(file.bytes(), "y", file.path());
  const std::vector<uint64_t>& shape = images.shape;
  if (shape.size() != 4 || shape[0] != side || shape[1] != side || shape[2] != 3 || shape[3] == 0) {
    std::string got;
    for (const uint64_t length : shape) got += (got.empty() ? "" : " x ") + std::to_string(length);
    fail_corrupt("X of 32 x 32 x 3 x images", got, file.path());
  }
  if (labels.values.size() != shape[3])
    fail_corrupt(text(shape[3], " labels in y, one an image"), labels.values.size(), file.path());
  for (uint8_t& label : labels.values) {
    if (label < 1 || label > 10)
      fail_corrupt("labels of 1 to 10, which is the digit 0", int{label}, file.path());
    label %= 10;
  }
  transpose_planes(images.values);
  return memory_dataset({.source = file.path(),
                         .labels_source = file.path(),
                         .width = side,
                         .height = side,
                         .channels = 3,
                         .pixels = std::move(images.values),
                         .labels = std::move(labels.values),
                         .class_names = digit_names()});
}

ReadParts read_svhn(const fs::path& folder, const ReadOptions& options) {
  const fs::path train = folder / "train_32x32.mat", test = folder / "test_32x32.mat";
  std::error_code missing;
  if (!fs::exists(train, missing) && fs::is_directory(folder / "train", missing))
    return read_class_folders(folder, options);
  return {read_part(train), read_part(test)};
}

}  // namespace

std::vector<DatasetEntry> svhn_entries() {
  return {{.name = "svhn",
           .info = {"SVHN, cropped digits", "svhn:DIR",
                    "train_32x32.mat, test_32x32.mat, of MATLAB's version 5 to 7.3; or class "
                    "folders in train/ and test/",
                    "http://ufldl.stanford.edu/housenumbers/"},
           .published = everywhere({73'257, 26'032, 10, digit_names()}),
           .read = read_svhn}};
}

}  // namespace submask
