// Data sets whose images and labels are listed in a file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "data/format/labelled_files.h"
#include "data/set/dataset_registry.h"

namespace submask {

// `list` names the list for messages. Files that systems leave behind are passed over, and where a
// path with backslashes leads nowhere, one with slashes is tried. Throws corrupt_file where the
// training or test part is empty, and where images are not in `folder`: it names the first 20 of
// them and says how many more there are.
ReadParts open_listed_files(const std::filesystem::path& folder, ListedFiles files,
                            const std::string& list, const DecodeRules& rules);

// Which images go to the test part: a fifth of each class, but at least one image, drawn by the
// seed. Throws corrupt_file that names every class with a single image, and `source`.
std::vector<bool> choose_test_images(std::span<const int64_t> labels,
                                     const std::vector<std::string>& class_names, uint64_t seed,
                                     const std::string& source);

}  // namespace submask
