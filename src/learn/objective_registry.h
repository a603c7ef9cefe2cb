// The registry of objectives that need no labels. The file of each objective defines its entry.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/fields.h"
#include "learn/objective.h"

namespace submask {

struct ObjectiveEntry {
  SelfSupervised kind;
  Section<SelfSupervisedSettings> fields;  // settings of this objective alone
  // Makes the objective. The weights to be learned must be bound to the backbone before.
  std::function<std::unique_ptr<Objective>(Backbone&, const TrainSettings&, const at::Device&)>
      make;
  // Throws invalid_argument for settings that do not fit each other.
  std::function<void(const TrainSettings&)> check;
  // Sets those settings that were not set and depend on the length of the run, for this number of
  // training images; may be empty.
  std::function<void(TrainSettings&, int64_t images)> resolve;
};

ObjectiveEntry swav_entry();
ObjectiveEntry dino_entry();

// The entries are in the order of SelfSupervised.
const std::vector<ObjectiveEntry>& objective_registry();

const ObjectiveEntry& objective_entry(SelfSupervised kind);

}  // namespace submask
