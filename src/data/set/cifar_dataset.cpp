// CIFAR's binary files: records of one label byte (CIFAR-10) or a coarse and a fine one (CIFAR-100,
// whose fine labels are the classes), then 32 x 32 pixels as a red, a green and a blue plane.
#include <array>
#include <cstddef>
#include <utility>

#include "base/fail.h"
#include "base/file.h"
#include "base/text_lines.h"
#include "data/set/archive_folder.h"
#include "data/set/dataset_registry.h"
#include "data/set/memory_dataset.h"

namespace submask {
namespace fs = std::filesystem;
namespace {

constexpr std::array<const char*, 10> cifar10_names = {
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"};

constexpr std::array<const char*, 100> cifar100_names = {
    "apple",       "aquarium_fish", "baby",      "bear",       "beaver",       "bed",
    "bee",         "beetle",        "bicycle",   "bottle",     "bowl",         "boy",
    "bridge",      "bus",           "butterfly", "camel",      "can",          "castle",
    "caterpillar", "cattle",        "chair",     "chimpanzee", "clock",        "cloud",
    "cockroach",   "couch",         "crab",      "crocodile",  "cup",          "dinosaur",
    "dolphin",     "elephant",      "flatfish",  "forest",     "fox",          "girl",
    "hamster",     "house",         "kangaroo",  "keyboard",   "lamp",         "lawn_mower",
    "leopard",     "lion",          "lizard",    "lobster",    "man",          "maple_tree",
    "motorcycle",  "mountain",      "mouse",     "mushroom",   "oak_tree",     "orange",
    "orchid",      "otter",         "palm_tree", "pear",       "pickup_truck", "pine_tree",
    "plain",       "plate",         "poppy",     "porcupine",  "possum",       "rabbit",
    "raccoon",     "ray",           "road",      "rocket",     "rose",         "sea",
    "seal",        "shark",         "shrew",     "skunk",      "skyscraper",   "snail",
    "snake",       "spider",        "squirrel",  "streetcar",  "sunflower",    "sweet_pepper",
    "table",       "tank",          "telephone", "television", "tiger",        "tractor",
    "train",       "trout",         "tulip",     "turtle",     "wardrobe",     "whale",
    "willow_tree", "wolf",          "woman",     "worm"};
static_assert(cifar100_names.back() != nullptr, "fewer names than classes");

// The lines of the archive's own file of names, or the usual names where it is not there.
template <size_t count>
std::vector<std::string> read_class_names(const fs::path& path,
                                          const std::array<const char*, count>& usual_names) {
  if (std::error_code missing; !fs::exists(path, missing))
    return {usual_names.begin(), usual_names.end()};
  std::vector<std::string> names;
  visit_lines(read_text_file(path), [&](std::string_view line, int64_t) {
    while (line.ends_with(' ')) line.remove_suffix(1);
    if (!line.empty()) names.emplace_back(line);
  });
  if (names.size() != count) fail_corrupt(text(count, " class names"), names.size(), path.string());
  return names;
}

struct RecordForm {
  size_t label_bytes;  // the last of them is the class
  std::vector<std::string> class_names;
};

std::shared_ptr<const Dataset> read_records(const std::vector<fs::path>& paths,
                                            const std::string& source, const RecordForm& form) {
  constexpr size_t pixel_bytes = 3 * 32 * 32;
  const size_t record_bytes = form.label_bytes + pixel_bytes;
  PixelRecords records{source, source, 32, 32, 3, {}, {}, form.class_names};
  for (const fs::path& path : paths) {
    const MappedFile file(path);
    const Bytes bytes = file.bytes();
    if (bytes.empty() || bytes.size() % record_bytes != 0)
      fail_corrupt(text("one or more records of ", record_bytes, " bytes"),
                   text(bytes.size(), " bytes"), file.path());
    for (size_t begin = 0; begin < bytes.size(); begin += record_bytes) {
      const Bytes pixels = bytes.subspan(begin + form.label_bytes, pixel_bytes);
      records.labels.push_back(bytes[begin + form.label_bytes - 1]);
      records.pixels.insert(records.pixels.end(), pixels.begin(), pixels.end());
    }
  }
  return memory_dataset(std::move(records));
}

// The same images are published as pickles of Python, under other names.
void refuse_python_version(const fs::path& folder, const std::string& python_folder,
                           const std::string& first_file, const std::string& binary_archive) {
  for (const fs::path& place : {folder / first_file, folder / python_folder / first_file}) {
    std::error_code missing;
    if (fs::is_regular_file(place, missing))
      fail_corrupt("the binary version (" + binary_archive + ")",
                   "Python's version, " + place.filename().string(), folder.string());
  }
}

ReadParts read_cifar10(const fs::path& folder) {
  const fs::path archive = find_archive(folder, "cifar-10-batches-bin");
  if (std::error_code missing; !fs::exists(archive / "data_batch_1.bin", missing))
    refuse_python_version(folder, "cifar-10-batches-py", "data_batch_1", "cifar-10-binary.tar.gz");
  const RecordForm form{1, read_class_names(archive / "batches.meta.txt", cifar10_names)};
  std::vector<fs::path> batches;
  for (int i = 1; i <= 5; ++i) batches.push_back(archive / text("data_batch_", i, ".bin"));
  const fs::path test = archive / "test_batch.bin";
  return {read_records(batches, (archive / "data_batch").string(), form),
          read_records({test}, test.string(), form)};
}

ReadParts read_cifar100(const fs::path& folder) {
  const fs::path archive = find_archive(folder, "cifar-100-binary");
  if (std::error_code missing; !fs::exists(archive / "train.bin", missing))
    refuse_python_version(folder, "cifar-100-python", "train", "cifar-100-binary.tar.gz");
  const RecordForm form{2, read_class_names(archive / "fine_label_names.txt", cifar100_names)};
  const fs::path train = archive / "train.bin", test = archive / "test.bin";
  return {read_records({train}, train.string(), form), read_records({test}, test.string(), form)};
}

}  // namespace

std::vector<DatasetEntry> cifar_entries() {
  const std::string source = "https://www.cs.toronto.edu/~kriz/cifar.html, the binary version";
  return {
      {.name = "cifar10",
       .info = {"CIFAR-10", "cifar10:DIR", "data_batch_1.bin ... data_batch_5.bin, test_batch.bin",
                source},
       .published = everywhere({50'000, 10'000, 10, {cifar10_names.begin(), cifar10_names.end()}}),
       .read = [](const std::string& folder, const ReadOptions&) { return read_cifar10(folder); }},
      {.name = "cifar100",
       .info = {"CIFAR-100", "cifar100:DIR", "train.bin, test.bin; the fine labels are the classes",
                source},
       .published = everywhere({50'000, 10'000, 100}),
       .read = [](const std::string& folder, const ReadOptions&) {
         return read_cifar100(folder);
       }}};
}

}  // namespace submask
