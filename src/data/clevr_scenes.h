// CLEVR's scene files: one JSON object whose "scenes" describe one image each.
#pragma once

#include <string>
#include <vector>

#include "base/file.h"
#include "data/file_dataset.h"

namespace submask {

// Each scene's image, `prefix` before its name, and its number of objects less 3. Throws
// corrupt_file for a scene without image or objects, or with fewer than 3 or more than 10.
std::vector<LabelledFile> parse_clevr_scenes(Bytes bytes, const std::string& prefix,
                                             const std::string& file);

}  // namespace submask
