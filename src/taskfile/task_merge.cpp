#include "taskfile/task_merge.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/json_text.h"
#include "base/names.h"
#include "codec/packed_bits.h"
#include "taskfile/array_bytes.h"
#include "taskfile/description_json.h"

namespace submask {
namespace {

// Returns the number of tasks in which a weight must be on to be on in the merged one.
size_t votes_needed(MergeRule rule, size_t tasks) {
  switch (rule) {
    case MergeRule::all:
      return tasks;
    case MergeRule::any:
      return 1;
    case MergeRule::majority:
      break;
  }
  return (tasks + 1) / 2;
}

UnitMask merged_unit(const std::vector<UnpackedTask>& tasks, size_t unit, size_t needed) {
  const UnitMask& first = tasks[0].units[unit];
  UnitMask merged{first.name, first.shape, 0, std::vector<uint8_t>(first.bits.size())};
  size_t best = 0, most_votes = 0;
  for (size_t i = 0; i < static_cast<size_t>(first.count()); ++i) {
    size_t votes = 0;
    for (const UnpackedTask& task : tasks) votes += bit_at(task.units[unit].bits, i) ? 1 : 0;
    if (votes > most_votes) {
      most_votes = votes;
      best = i;
    }
    if (votes < needed) continue;
    merged.bits[i / 8] |= static_cast<uint8_t>(1U << i % 8);
    ++merged.on;
  }
  if (merged.on == 0) {
    merged.bits[best / 8] |= static_cast<uint8_t>(1U << best % 8);
    merged.on = 1;
  }
  return merged;
}

std::string name_of_scale(const UnpackedTask& task) {
  return task.scale ? "are scaled" : "are not scaled";
}

bool same_names_and_shapes(const ArrayMap& first, const ArrayMap& second) {
  return std::ranges::equal(first, second, [](const auto& a, const auto& b) {
    return a.first == b.first && a.second.shape == b.second.shape;
  });
}

// Returns the mean of the tasks' arrays, which have the same names and shapes.
ArrayMap mean_of(const std::vector<UnpackedTask>& tasks, ArrayMap UnpackedTask::*arrays) {
  ArrayMap mean = tasks[0].*arrays;
  for (auto& [name, array] : mean) {
    const auto sum = array.as<float>();
    for (size_t task = 1; task < tasks.size(); ++task) {
      const auto more = (tasks[task].*arrays).at(name).template as<float>();
      for (size_t i = 0; i < sum.size(); ++i) sum[i] += more[i];
    }
    for (float& value : sum) value /= static_cast<float>(tasks.size());
  }
  return mean;
}

// Whether all tasks have linear heads of one shape for the same classes.
bool have_same_linear_heads(const std::vector<UnpackedTask>& tasks) {
  return std::ranges::all_of(tasks, [&](const UnpackedTask& task) {
    return task.head.contains("weight") && task.classes == tasks[0].classes &&
           same_names_and_shapes(task.head, tasks[0].head);
  });
}

}  // namespace

void check_mergeable(const UnpackedTask& first, const UnpackedTask& other) {
  const auto expect_same = [](const std::string& what, const std::string& expected,
                              const std::string& got) {
    if (got != expected) fail_argument(what + expected + ", as the first task has", got);
  };
  expect_same("masks over the weights ", first.weights_identity, other.weights_identity);
  expect_same("the criterion ", name_of(first.criterion), name_of(other.criterion));
  expect_same("masked weights that ", name_of_scale(first), name_of_scale(other));
  expect_same("the preprocessing ", json_text(preprocessing_to_json(first.preprocessing)),
              json_text(preprocessing_to_json(other.preprocessing)));
  if (!std::ranges::equal(first.units, other.units, [](const UnitMask& a, const UnitMask& b) {
        return a.name == b.name && a.shape == b.shape;
      }))
    fail_argument("masks of the units that the first task has", "masks of others");
  if (!same_names_and_shapes(first.statistics, other.statistics))
    fail_argument("the statistics that the first task has", "others");
}

UnpackedTask merge_tasks(const std::vector<UnpackedTask>& tasks, MergeRule rule) {
  if (tasks.size() < 2) fail_argument("two tasks or more to merge", tasks.size());
  const UnpackedTask& first = tasks[0];
  for (const UnpackedTask& task : tasks) check_mergeable(first, task);
  UnpackedTask merged;
  static_cast<TaskDescription&>(merged) = static_cast<const TaskDescription&>(first);
  const size_t needed = votes_needed(rule, tasks.size());
  for (size_t unit = 0; unit < first.units.size(); ++unit)
    merged.units.push_back(merged_unit(tasks, unit, needed));
  merged.statistics = mean_of(tasks, &UnpackedTask::statistics);
  if (have_same_linear_heads(tasks))
    merged.head = mean_of(tasks, &UnpackedTask::head);
  else
    merged.classes.clear();
  return merged;
}

}  // namespace submask
