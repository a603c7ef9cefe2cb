// Merges several tasks over one backbone into one.
#pragma once

#include <string>
#include <vector>

#include <submask/task.h>

namespace submask {

// By `rule` a weight is on where it is on in all tasks ("and"), in any ("or"), or in at least half
// of them ("majority"). A unit in which no weight would be on keeps one weight, the first of those
// that are on in the most tasks. Statistics become their mean, and so do linear heads for the same
// classes. Other heads are left out, because fitting a new one is quick. Throws invalid_argument
// for fewer than two tasks, another rule, or tasks that differ in weights, criterion, scale, units
// or the names and shapes of statistics.
Task merge_tasks(const std::vector<Task>& tasks, const std::string& rule);

}  // namespace submask
