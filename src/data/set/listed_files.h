// Data sets whose images and labels a file lists: checked against the folder they should lie in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/format/labelled_files.h"
#include "data/set/dataset_registry.h"

namespace submask {

// `list` is the file that names them, for messages. Throws corrupt_file where a part is empty or
// images are not in `folder`: the first 20 by their names, then how many more.
TrainAndTest open_listed_files(const std::filesystem::path& folder, ListedFiles files,
                               const std::string& list, int64_t pixel_limit);

// Which images go to the test part: of each class on its own a fifth, at least one, by the seed.
// Throws corrupt_file naming every class of one image; `source` is where they are from.
std::vector<bool> choose_test_images(std::span<const int64_t> labels,
                                     const std::vector<std::string>& class_names, uint64_t seed,
                                     const std::string& source);

}  // namespace submask
