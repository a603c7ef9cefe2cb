// The files that a pattern of shards stands for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace submask {

// "DIR/train-{0000..0012}.tar" is each of the 13 names; '*' and '?' in the file's name stand for
// any that are there, in natural order. Throws invalid_argument for a range that is none, io where
// no file fits.
std::vector<std::filesystem::path> find_shards(const std::string& pattern);

}  // namespace submask
