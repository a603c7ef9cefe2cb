// CLEVR's scene files: one JSON object whose "scenes" describe one image each.
#pragma once

#include <cstdint>
#include <string>

#include "base/file.h"
#include "data/format/labelled_files.h"

namespace submask {

constexpr int64_t fewest_clevr_objects = 3, most_clevr_objects = 10;

// Each scene's image, `prefix` before its name, and its number of objects less 3. Throws
// corrupt_file for a scene without image or objects, or with fewer than 3 or more than 10.
LabelledFiles parse_clevr_scenes(Bytes bytes, const std::string& prefix, const std::string& file);

}  // namespace submask
