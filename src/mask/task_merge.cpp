#include "mask/task_merge.h"

#include <algorithm>

#include <ATen/ATen.h>

#include "base/fail.h"

namespace submask {
namespace {

void check_alike(const Task& first, const Task& other) {
  if (other.weights_identity != first.weights_identity)
    fail_argument("tasks over the same weights " + first.weights_identity, other.weights_identity);
  if (other.criterion != first.criterion || other.scale != first.scale)
    fail_argument("tasks of one criterion and scale", "others");
  if (!std::equal(first.units.begin(), first.units.end(), other.units.begin(), other.units.end(),
                  [](const UnitMask& a, const UnitMask& b) {
                    return a.name == b.name && a.shape == b.shape;
                  }))
    fail_argument("tasks with masks of the same units", "others");
}

// Returns the number of tasks in which a weight must be on to be on in the merged one.
int64_t votes_needed(MergeRule rule, int64_t tasks) {
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

UnitMask merged_unit(const std::vector<Task>& tasks, size_t unit, int64_t needed) {
  at::Tensor votes = unpack_mask(tasks[0].units[unit]).to(at::kLong);
  for (size_t i = 1; i < tasks.size(); ++i) votes += unpack_mask(tasks[i].units[unit]);
  at::Tensor mask = votes >= needed;
  if (!mask.any().item<bool>()) mask.view({-1})[votes.argmax()] = true;
  return pack_mask(tasks[0].units[unit].name, mask);
}

bool same_names_and_shapes(const TensorMap& first, const TensorMap& second) {
  return std::equal(first.begin(), first.end(), second.begin(), second.end(),
                    [](const auto& a, const auto& b) {
                      return a.first == b.first && a.second.sizes() == b.second.sizes();
                    });
}

// Returns the mean of tensor_of(task) over the tasks; these tensors have one shape.
at::Tensor mean_of(const std::vector<Task>& tasks, const auto& tensor_of) {
  at::Tensor sum = tensor_of(tasks[0]).clone();
  for (size_t i = 1; i < tasks.size(); ++i) sum += tensor_of(tasks[i]);
  return sum / static_cast<double>(tasks.size());
}

TensorMap mean_statistics(const std::vector<Task>& tasks) {
  TensorMap mean;
  for (const auto& item : tasks[0].statistics)
    mean[item.first] =
        mean_of(tasks, [&](const Task& task) { return task.statistics.at(item.first); });
  return mean;
}

const LinearHead* linear_head(const Task& task) {
  return task.head ? std::get_if<LinearHead>(&*task.head) : nullptr;
}

// Returns none unless all tasks have linear heads of one shape for the same classes.
std::optional<LinearHead> mean_head(const std::vector<Task>& tasks) {
  const LinearHead* first = linear_head(tasks[0]);
  for (const Task& task : tasks) {
    const LinearHead* head = linear_head(task);
    if (head == nullptr || task.classes != tasks[0].classes ||
        head->weight.sizes() != first->weight.sizes() || head->bias.sizes() != first->bias.sizes())
      return std::nullopt;
  }
  return LinearHead{mean_of(tasks, [](const Task& task) { return linear_head(task)->weight; }),
                    mean_of(tasks, [](const Task& task) { return linear_head(task)->bias; })};
}

}  // namespace

Task merge_tasks(const std::vector<Task>& tasks, MergeRule rule) {
  if (tasks.size() < 2) fail_argument("two tasks or more to merge", tasks.size());
  const int64_t needed = votes_needed(rule, std::ssize(tasks));
  const Task& first = tasks[0];
  for (const Task& task : tasks) {
    check_alike(first, task);
    if (!same_names_and_shapes(task.statistics, first.statistics))
      fail_argument("tasks with the same statistics", "others");
  }
  Task merged;
  static_cast<TaskDescription&>(merged) = first;
  for (size_t unit = 0; unit < first.units.size(); ++unit)
    merged.units.push_back(merged_unit(tasks, unit, needed));
  merged.statistics = mean_statistics(tasks);
  merged.head = mean_head(tasks);
  if (!merged.head) merged.classes.clear();
  return merged;
}

}  // namespace submask
