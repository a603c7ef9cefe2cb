// The shards that a pattern names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask {

// "DIR/train-{0000..0012}.tar" names 13 files. '*' and '?' in the name of a file match those that
// exist, in natural order. Throws invalid_argument for a wrong range, io where no file matches.
std::vector<std::filesystem::path> find_shards(const std::string& pattern);

}  // namespace submask
