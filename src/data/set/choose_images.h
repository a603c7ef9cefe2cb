// Images of a data set as users choose them: how many, or which.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <submask/dataset.h>

#include "base/random.h"

namespace submask {

// The images that `names` names by their classes ("classes:cat,dog") or their numbers
// ("file:INDICES.txt"), in ascending order; nothing for any other text. Throws invalid_argument
// that names every unknown class, corrupt_file that names every bad line, or io.
std::optional<std::vector<int64_t>> named_images(const Dataset& dataset, const std::string& names);

// named_images(), or else as many images as users ask for: "4000", "10p" (percent, rounded, at
// least one image) or "16/class" (all of a class that has fewer). They are the first of a random
// order, so that a smaller choice by the same `random` is a part of a larger one; they are returned
// in ascending order. Throws as named_images() does.
std::vector<int64_t> choose_images(const Dataset& dataset, const std::string& count, Random random);

}  // namespace submask
