// Data sets whose images and labels are listed in a file. Checks that the images exist.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/format/labelled_files.h"
#include "data/set/dataset_registry.h"

namespace submask {

// `list` names the list for messages. Throws corrupt_file where a part is empty, and where images
// are not in `folder`: it names the first 20 of them and says how many more there are.
TrainAndTest open_listed_files(const std::filesystem::path& folder, ListedFiles files,
                               const std::string& list, int64_t pixel_limit);

// Which images go to the test part: a fifth of each class, but at least one image, drawn by the
// seed. Throws corrupt_file that names every class with a single image, and `source`.
std::vector<bool> choose_test_images(std::span<const int64_t> labels,
                                     const std::vector<std::string>& class_names, uint64_t seed,
                                     const std::string& source);

}  // namespace submask
