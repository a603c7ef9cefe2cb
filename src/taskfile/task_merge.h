// Merges several tasks over one backbone into one.
#pragma once

#include <array>
#include <vector>

#include "taskfile/pack.h"

namespace submask {

// A weight of the merged task is on where it is on in all tasks, in any, or in at least half.
enum class MergeRule { all, any, majority };
constexpr auto names_of(MergeRule) { return std::array{"and", "or", "majority"}; }

// Throws invalid_argument for tasks that cannot be merged, because they differ in weights,
// criterion, scale, preprocessing, units or the names and shapes of statistics: "expected ..., as
// the first task has, got ...", which is of `other`.
void check_mergeable(const UnpackedTask& first, const UnpackedTask& other);

// A unit in which no weight would be on keeps one weight, the first of those that are on in the
// most tasks. Statistics become their mean, and so do linear heads for the same classes. Other
// heads are left out, because fitting a new one is quick. Throws invalid_argument for fewer than
// two tasks, and as check_mergeable().
UnpackedTask merge_tasks(const std::vector<UnpackedTask>& tasks, MergeRule rule);

}  // namespace submask
