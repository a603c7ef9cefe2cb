// CLEVR's scene files: one JSON object with a list "scenes", which describes one image in each
// item.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "data/format/labelled_files.h"

namespace submask {

constexpr int64_t fewest_clevr_objects = 3, most_clevr_objects = 10;

// The image of each scene, its name behind `prefix`, with the number of its objects less 3 as its
// label. Throws corrupt_file for a scene without an image, and for fewer than 3 or more than 10
// objects.
LabelledFiles parse_clevr_scenes(Bytes bytes, const std::string& prefix, const std::string& file);

}  // namespace submask
