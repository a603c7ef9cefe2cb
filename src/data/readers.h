// One reader for each form of data set that open_data() knows. Internal to data/.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>

#include "base/random.h"

namespace submask {

struct TrainAndTest {
  std::shared_ptr<const Dataset> train;
  std::shared_ptr<const Dataset> test;
};

TrainAndTest read_fashion_mnist(const std::filesystem::path& folder);
TrainAndTest read_idx(const std::filesystem::path& folder);
TrainAndTest read_cifar10(const std::filesystem::path& folder);
TrainAndTest read_cifar100(const std::filesystem::path& folder);
TrainAndTest read_svhn(const std::filesystem::path& folder, uint64_t seed);
TrainAndTest read_class_folders(const std::filesystem::path& folder, uint64_t seed);
TrainAndTest read_resisc45(const std::filesystem::path& folder, uint64_t seed);
TrainAndTest read_clevr_count(const std::filesystem::path& folder);
TrainAndTest read_csv(const std::filesystem::path& path, uint64_t seed);
TrainAndTest read_tar(const std::string& patterns, uint64_t seed);

struct CoopSet {
  std::string name, title;
  std::string folder, split, images;  // as CoOp names them
  std::string source;
};
const std::vector<CoopSet>& coop_sets();
TrainAndTest read_coop(const CoopSet& set, const std::filesystem::path& folder);
TrainAndTest read_coop(const std::string& name_and_folder);  // "NAME:DIR"

// Users name the unpacked archive's folder or the one it was unpacked in.
inline std::filesystem::path find_archive(const std::filesystem::path& folder,
                                          const std::string& archive_folder) {
  std::error_code missing;
  const std::filesystem::path archive = folder / archive_folder;
  return std::filesystem::is_directory(archive, missing) ? archive : folder;
}

// `count` images of a data set as users write it: "4000", "10p" (percent, rounded, at least one
// image) or "16/class" (all of a class that has fewer). Taken from the front of a random order, so
// that a smaller choice by the same `random` lies within a larger one; returned in ascending order.
// Throws invalid_argument.
std::vector<int64_t> choose_images(const Dataset& dataset, const std::string& count, Random random);

}  // namespace submask
