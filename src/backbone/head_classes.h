// The names of a classifier's classes, as weight files and the configurations beside them have
// them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <submask/weight_file.h>

namespace submask {

// The names of `classes` classes, in their order: "classes" of this library's own files, timm's
// label_names or transformers' id2label. Empty where there are none, where there are not as many,
// or where they are made up (LABEL_0, LABEL_1, ...).
std::vector<std::string> head_classes(const WeightFile& file, int64_t classes);

}  // namespace submask
