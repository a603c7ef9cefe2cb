// A data set of image files, decoded when asked for.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>

namespace submask {

struct LabelledFile {
  std::string name;  // relative to the data set's folder
  int64_t label = 0;
};

std::shared_ptr<const Dataset> file_dataset(std::filesystem::path folder,
                                            std::vector<LabelledFile> files,
                                            std::vector<std::string> class_names);

}  // namespace submask
