// The checks that train() makes before it begins, so that a list of runs can be checked as a whole.
#pragma once

#include <submask/dataset.h>
#include <submask/train_settings.h>

namespace submask {

// Throws invalid_argument, which names the options, for settings that cannot be met with this
// network and data, and as read_task() for the task file to start from. Decodes no image.
void check_training(const Backbone& backbone, const DataSplits& data,
                    const TrainSettings& settings);

}  // namespace submask
