// How far two tasks over one backbone agree on what they switch off.
#pragma once

#include <string>
#include <vector>

#include <submask/task.h>

namespace submask {

struct MaskAgreement {
  int64_t weights = 0;
  int64_t off_a = 0, off_b = 0;  // weights that a and that b switch off
  int64_t off_both = 0;

  // Share of weights that both treat alike.
  double equal_share() const;
  // |off in both| / |off in either|; 1 where neither switches off any.
  double jaccard() const;
  // What jaccard() tends to for independent masks of these densities p, q: pq / (p + q - pq).
  double chance_jaccard() const;
};

struct UnitAgreement : MaskAgreement {
  std::string name;
};

struct TaskDifference {
  MaskAgreement all;
  std::vector<UnitAgreement> units;  // those that both mask, in the order of a
};

// Throws invalid_argument for tasks over different weights, or without a unit that both mask.
TaskDifference compare_tasks(const Task& a, const Task& b);

}  // namespace submask
