// Work on every image of a data set, on several threads.
#pragma once

#include <cstdint>
#include <functional>

#include "data/set/dataset_report.h"

namespace submask {

// Calls visit(0) ... visit(count - 1), each once, in no order and from several threads. The first
// exception ends the work and is thrown on.
void visit_images(int64_t count, const DecodeOptions& options,
                  const std::function<void(int64_t)>& visit);

}  // namespace submask
