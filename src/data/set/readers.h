// One reader for each form of data set that open_data() knows. Internal to data/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/dataset.h>

#include "base/random.h"

namespace submask {

struct TrainAndTest {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;
};

struct ReadOptions {
  uint64_t seed = 0;  // of the split, where a set has none of its own
  int64_t pixel_limit = usual_pixel_limit;
};

TrainAndTest read_fashion_mnist(const std::filesystem::path& folder);
TrainAndTest read_idx(const std::filesystem::path& folder);
TrainAndTest read_cifar10(const std::filesystem::path& folder);
TrainAndTest read_cifar100(const std::filesystem::path& folder);
TrainAndTest read_svhn(const std::filesystem::path& folder, const ReadOptions& options);
TrainAndTest read_class_folders(const std::filesystem::path& folder, const ReadOptions& options);
TrainAndTest read_resisc45(const std::filesystem::path& folder, const ReadOptions& options);
TrainAndTest read_clevr_count(const std::filesystem::path& folder, const ReadOptions& options);
TrainAndTest read_inatloc500(const std::filesystem::path& folder, const ReadOptions& options);
TrainAndTest read_csv(const std::filesystem::path& path, const ReadOptions& options);
TrainAndTest read_tar(const std::string& patterns, const ReadOptions& options);

struct CoopSet {
  std::string name, title;
  std::string folder, split, images;  // as CoOp names them
  std::string source;
};
const std::vector<CoopSet>& coop_sets();
TrainAndTest read_coop(const CoopSet& set, const std::filesystem::path& folder,
                       const ReadOptions& options);
// "NAME:DIR"
TrainAndTest read_coop(const std::string& name_and_folder, const ReadOptions& options);

// Users name the unpacked archive's folder or the one it was unpacked in.
inline std::filesystem::path find_archive(const std::filesystem::path& folder,
                                          const std::string& archive_folder) {
  std::error_code missing;
  const std::filesystem::path archive = folder / archive_folder;
  return std::filesystem::is_directory(archive, missing) ? archive : folder;
}

// Images of a data set that `names` gives by their classes ("classes:cat,dog") or numbers
// ("file:INDICES.txt"), in ascending order; nothing for any other text. Throws invalid_argument
// that names every unknown class, corrupt_file that names every bad line, or io.
std::optional<std::vector<int64_t>> named_images(const Dataset& dataset, const std::string& names);

// Those, or `count` images as users write it: "4000", "10p" (percent, rounded, at least one image)
// or "16/class" (all of a class that has fewer). Taken from the front of a random order, so that a
// smaller choice by the same `random` lies within a larger one; returned in ascending order. Throws
// as named_images().
std::vector<int64_t> choose_images(const Dataset& dataset, const std::string& count, Random random);

}  // namespace submask
