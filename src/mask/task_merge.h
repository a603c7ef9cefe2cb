// One task made of several over one backbone.
#pragma once

#include <array>
#include <vector>

#include <submask/task.h>

namespace submask {

// In how many of the tasks a weight is on that is on in the merged one: all, any, or half at least.
enum class MergeRule { all, any, majority };
constexpr auto names_of(MergeRule) { return std::array{"and", "or", "majority"}; }

// A unit that no weight would be on in keeps the first of those that are on most often. The merged
// statistics are the mean of the tasks', and so is the head where all have linear ones for the same
// classes; other heads are left out, as fitting a new one is quick. Throws invalid_argument for
// fewer than two tasks, or tasks that differ in weights, criterion, scale or units.
Task merge_tasks(const std::vector<Task>& tasks, MergeRule rule);

}  // namespace submask
