#include "learn/objective_registry.h"

namespace submask {

const std::vector<ObjectiveEntry>& objective_registry() {
  static const std::vector<ObjectiveEntry> entries{swav_entry(), dino_entry()};
  return entries;
}

const ObjectiveEntry& objective_entry(SelfSupervised kind) {
  return objective_registry().at(static_cast<size_t>(kind));
}

}  // namespace submask
