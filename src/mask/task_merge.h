// One task made of several over one backbone.
#pragma once

#include <string>
#include <vector>

#include <submask/task.h>

namespace submask {

// `rule`: a weight is on where it is on in all of them ("and"), in any ("or"), or in at least half
// ("majority"); a unit left without any keeps the first of those that are on most often. Statistics
// are their mean, and so are linear heads for the same classes; other heads are left out, as
// fitting a new one is quick. Throws invalid_argument for fewer than two tasks, another rule, or
// tasks that differ in weights, criterion, scale or units.
Task merge_tasks(const std::vector<Task>& tasks, const std::string& rule);

}  // namespace submask
