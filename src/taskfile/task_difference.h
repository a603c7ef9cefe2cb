// How far two tasks over one backbone agree on the weights that they switch off.
#pragma once

#include <string>
#include <vector>

#include <submask/packed_task.h>

namespace submask {

struct MaskAgreement {
  int64_t weights = 0;
  int64_t off_a = 0, off_b = 0;  // weights that a and that b switch off
  int64_t off_both = 0;

  // The share of weights that both switch off or both leave on.
  double equal_share() const;
  // |off in both| / |off in either|; 1 where neither task switches off any weight.
  double jaccard() const;
  // The value that jaccard() tends to for independent masks that switch off shares p and q of the
  // weights: pq / (p + q - pq); 1 where both are 0.
  double chance_jaccard() const;
};

struct UnitAgreement : MaskAgreement {
  std::string name;
};

struct TaskDifference {
  MaskAgreement all;
  std::vector<UnitAgreement> units;  // units that both mask, with one shape, in a's order
};

// Throws invalid_argument for tasks over different weights, or without a unit that both mask.
TaskDifference compare_tasks(const TaskMasks& a, const TaskMasks& b);

}  // namespace submask
