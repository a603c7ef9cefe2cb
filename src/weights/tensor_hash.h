// Tensors in a hash: names, types, shapes and values.
#pragma once

#include <submask/weight_file.h>

#include "base/hash.h"

namespace submask {

void hash_tensors(const TensorMap& tensors, Sha256& hash);

}  // namespace submask
