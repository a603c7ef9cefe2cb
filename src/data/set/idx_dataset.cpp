// Data sets of IDX files, as MNIST was published: each part has a file of images and one of labels.
#include <algorithm>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "data/format/idx_content.h"
#include "data/set/dataset_registry.h"
#include "data/set/memory_dataset.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

IdxContent read_content(const fs::path& path, size_t dimensions) {
  const MappedFile file(path);
  return parse_idx(file.bytes(), dimensions, file.path());
}

fs::path find_idx(const fs::path& folder, const std::string& name) {
  for (const char* ending : {"", ".gz"}) {
    const fs::path path = folder / (name + ending);
    if (std::error_code missing; fs::exists(path, missing)) return path;
  }
  fail(ErrorKind::io, "expected ", name, " or ", name, ".gz in ", folder.string(),
       ", got neither; Debian's package dataset-fashion-mnist installs them");
}

PixelRecords read_part(const fs::path& folder, const std::string& part) {
  const fs::path images_path = find_idx(folder, part + "-images-idx3-ubyte");
  const fs::path labels_path = find_idx(folder, part + "-labels-idx1-ubyte");
  IdxContent images = read_content(images_path, 3);
  IdxContent labels = read_content(labels_path, 1);
  const uint64_t count = images.dimensions[0], height = images.dimensions[1],
                 width = images.dimensions[2];
  if (height > 4096 || width > 4096)
    fail_corrupt("images of at most 4096 x 4096", text(width, " x ", height), images_path.string());
  if (labels.dimensions[0] != count)
    fail_corrupt(text(count, " labels, one an image"), labels.dimensions[0], labels_path.string());
  return {.source = images_path.string(),
          .labels_source = labels_path.string(),
          .width = static_cast<int>(width),
          .height = static_cast<int>(height),
          .channels = 1,
          .pixels = std::move(images.bytes),
          .labels = std::move(labels.bytes),
          .class_names = {}};
}

ReadParts open_parts(PixelRecords train, PixelRecords test,
                     const std::vector<std::string>& class_names) {
  train.class_names = test.class_names = class_names;
  return {memory_dataset(std::move(train)), memory_dataset(std::move(test))};
}

ReadParts read_fashion_mnist(const fs::path& folder) {
  return open_parts(read_part(folder, "train"), read_part(folder, "t10k"),
                    {"T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt",
                     "Sneaker", "Bag", "Ankle boot"});
}

// The training labels say how many classes there are: a test label beyond them is an error.
ReadParts read_idx(const fs::path& folder) {
  PixelRecords train = read_part(folder, "train"), test = read_part(folder, "t10k");
  std::vector<std::string> names;
  const int largest = *std::max_element(train.labels.begin(), train.labels.end());
  for (int label = 0; label <= largest; ++label) names.push_back(std::to_string(label));
  return open_parts(std::move(train), std::move(test), names);
}

}  // namespace

std::vector<DatasetEntry> idx_entries() {
  const std::string debian_folder = "/usr/share/datasets/fashion-mnist";
  return {{.name = "fashion-mnist",
           .info = {"Fashion-MNIST", "fashion-mnist[:DIR]",
                    text("{train,t10k}-{images-idx3,labels-idx1}-ubyte, plain or .gz; DIR is ",
                         debian_folder, " unless given"),
                    "Debian package dataset-fashion-mnist"},
           .default_location = debian_folder,
           .published = everywhere({60'000, 10'000, 10}),
           .read = [](const std::string& folder,
                      const ReadOptions&) { return read_fashion_mnist(folder); }},
          {.name = "idx",
           .info = {"Any IDX set", "idx:DIR",
                    "as Fashion-MNIST; the classes are named by their numbers",
                    "MNIST, KMNIST, EMNIST under those names, ..."},
           .read = [](const std::string& folder, const ReadOptions&) { return read_idx(folder); }}};
}

}  // namespace submask
