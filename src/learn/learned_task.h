// Describes a task that a run has learned.
#pragma once

#include <submask/train.h>

namespace submask {

// Sets backbone, criterion, classes, preprocessing and provenance (settings and data) of `task`.
void describe_learned(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                      Task& task);

}  // namespace submask
