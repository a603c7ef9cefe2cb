// How many bytes an adapter would take as a file.
#pragma once

#include <cstdint>

#include <submask/task.h>

#include "adapter/adapter_optimizer.h"

namespace submask {

// `task` has the head, the statistics and the description; they and the adapter's bits are packed
// as a task file packs them. The values are float16, or eight-bit numbers with a float16 scale a
// row (a tensor of one dimension stays float16); whichever takes less, head included, and by xz
// where that is less again. Their names and shapes follow from the backbone and cost nothing. xz is
// not tried above 16 MiB of values, where it would take longer than a user waits.
int64_t adapter_bytes(const AdapterContent& content, const Task& task, const Backbone& backbone);

}  // namespace submask
