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
TrainAndTest read_cifar10(const std::filesystem::path& folder);
TrainAndTest read_cifar100(const std::filesystem::path& folder);
TrainAndTest read_class_folders(const std::filesystem::path& folder, uint64_t seed);

// `count` images of a data set as users write it: "4000", "10p" (percent, rounded, at least one
// image) or "16/class" (all of a class that has fewer). Taken from the front of a random order, so
// that a smaller choice by the same `random` lies within a larger one; returned in ascending order.
// Throws invalid_argument.
std::vector<int64_t> choose_images(const Dataset& dataset, const std::string& count, Random random);

}  // namespace submask
