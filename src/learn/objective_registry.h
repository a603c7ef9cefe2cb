// The objectives that need no labels, by the names that --objective takes: one entry each, in the
// file of its objective.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/fields.h"
#include "learn/objective.h"

namespace submask {

struct ObjectiveEntry {
  SelfSupervised kind;
  Section<SelfSupervisedSettings> fields;  // its own settings
  // For the settings' crops, over the weights that are bound to the backbone now and learned.
  std::function<std::unique_ptr<Objective>(Backbone&, const TrainSettings&, const at::Device&)>
      make;
  // Puts numbers in place of what depends on the run's length, given the training images; may be
  // empty.
  std::function<void(TrainSettings&, int64_t images)> resolve;
};

// In the order of SelfSupervised.
const std::vector<ObjectiveEntry>& objective_registry();

const ObjectiveEntry& objective_entry(SelfSupervised kind);

}  // namespace submask
