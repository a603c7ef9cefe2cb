// A data set of image files, decoded when asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>

#include "data/format/labelled_files.h"

namespace submask {

std::shared_ptr<const Dataset> file_dataset(std::filesystem::path folder, LabelledFiles files,
                                            std::vector<std::string> class_names,
                                            const DecodeRules& rules);

}  // namespace submask
