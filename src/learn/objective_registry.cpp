#include "learn/objective_registry.h"

#include "base/fail.h"

namespace submask {

const std::vector<ObjectiveEntry>& objective_registry() {
  static const std::vector<ObjectiveEntry> entries{swav_entry(), dino_entry()};
  return entries;
}

const ObjectiveEntry& objective_entry(const std::string& name) {
  std::string known;
  for (const ObjectiveEntry& entry : objective_registry()) {
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + entry.name;
  }
  fail_argument("an objective among " + known, "'" + name + "'");
}

std::vector<std::string> objective_names() {
  std::vector<std::string> names;
  for (const ObjectiveEntry& entry : objective_registry()) names.push_back(entry.name);
  return names;
}

}  // namespace submask
