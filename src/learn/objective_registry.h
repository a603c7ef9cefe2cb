// The objectives that need no labels, by the names that --objective takes: one entry each, in the
// file of its objective.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "learn/objective.h"

namespace submask {

struct ObjectiveEntry {
  std::string name;
  // For the settings' crops, over the weights that are bound to the backbone now and learned.
  std::function<std::unique_ptr<Objective>(Backbone&, const TrainSettings&, const at::Device&)>
      make;
  std::function<nlohmann::json(const TrainSettings&)>
      record;  // its own settings (settings_record.h)
  // Puts numbers in place of what depends on the run's length, given the training images; may be
  // empty.
  std::function<void(TrainSettings&, int64_t images)> resolve;
};

ObjectiveEntry swav_entry();
ObjectiveEntry dino_entry();

const std::vector<ObjectiveEntry>& objective_registry();

// Throws invalid_argument naming the known ones.
const ObjectiveEntry& objective_entry(const std::string& name);

}  // namespace submask
