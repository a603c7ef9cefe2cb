// A data set whose pixels are in memory, in the form of its files: IDX, CIFAR's binary batches.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <submask/dataset.h>

namespace submask {

struct PixelRecords {
  std::string source;         // names the images: "source#index"
  std::string labels_source;  // the file of the labels, for messages
  int width = 0;
  int height = 0;
  int channels = 1;  // 1 grey, 3 red, green and blue planes one after the other
  std::vector<uint8_t> pixels;
  std::vector<uint8_t> labels;
  std::vector<std::string> class_names;
};

// Throws corrupt_file where a label has no class.
std::shared_ptr<const Dataset> memory_dataset(PixelRecords records);

}  // namespace submask
