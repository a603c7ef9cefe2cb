// What a task says of the run that learned it.
#pragma once

#include <submask/train.h>

namespace submask {

// Backbone, criterion, classes, preprocessing and provenance (settings and data) of `task`.
void describe_learned(Backbone& backbone, const DataSplits& data, const TrainSettings& settings,
                      Task& task);

}  // namespace submask
