#include "taskfile/task_difference.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include <submask/error.h>

#include "error_of.h"
#include "mask/task_arrays.h"
#include "taskfile/task_merge.h"

namespace submask {
namespace {

// One unit of ten weights.
Task bits_task(const std::vector<int64_t>& on) {
  Task task;
  task.weights_identity = "same";
  task.units = {pack_mask("a", at::tensor(on).ne(0).view({2, 5}))};
  return task;
}

const Task first = bits_task({1, 1, 1, 1, 1, 0, 0, 0, 0, 1});
const Task second = bits_task({1, 1, 1, 0, 0, 0, 0, 1, 1, 1});

TEST(TaskDifference, CountsWhatBothSwitchOff) {
  const TaskDifference difference = compare_tasks(first, second);
  EXPECT_EQ(difference.all.off_both, 2);
  EXPECT_DOUBLE_EQ(difference.all.equal_share(), 0.6);
  EXPECT_DOUBLE_EQ(difference.all.jaccard(), 2.0 / 6);
  EXPECT_DOUBLE_EQ(difference.all.chance_jaccard(), 0.16 / 0.64);
  EXPECT_EQ(difference.units.at(0).name, "a");
  EXPECT_DOUBLE_EQ(compare_tasks(first, first).all.jaccard(), 1);
}

// Two masks that switch nothing off agree entirely.
TEST(TaskDifference, OfTasksWithNothingOff) {
  const Task all_on = bits_task(std::vector<int64_t>(10, 1));
  const MaskAgreement agreement = compare_tasks(all_on, all_on).all;
  EXPECT_EQ(agreement.jaccard(), 1);
  EXPECT_EQ(agreement.chance_jaccard(), 1);
  EXPECT_EQ(agreement.equal_share(), 1);
}

TEST(TaskDifference, NeedsTasksOverTheSameWeights) {
  Task other = second;
  other.weights_identity = "another";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { compare_tasks(first, other); }),
            "expected tasks over the same weights same, got another");
  Task without_units;
  without_units.weights_identity = "same";
  EXPECT_EQ(error_of(ErrorKind::invalid_argument, [&] { compare_tasks(first, without_units); }),
            "expected a mask unit in both tasks, got none");
}

Task merged_task(const std::vector<Task>& tasks, MergeRule rule) {
  std::vector<UnpackedTask> arrays;
  for (const Task& task : tasks) arrays.push_back(arrays_of(task));
  return task_of(merge_tasks(arrays, rule));
}

std::vector<int64_t> merged(const std::vector<Task>& tasks, MergeRule rule) {
  const at::Tensor mask = unpack_mask(merged_task(tasks, rule).units[0]).to(at::kLong).flatten();
  return {mask.data_ptr<int64_t>(), mask.data_ptr<int64_t>() + mask.numel()};
}

TEST(MergeTasks, FollowsTheRule) {
  const Task third = bits_task({0, 1, 0, 1, 0, 1, 0, 1, 0, 0});
  EXPECT_EQ(merged({first, second, third}, MergeRule::all),
            (std::vector<int64_t>{0, 1, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(merged({first, second, third}, MergeRule::any),
            (std::vector<int64_t>{1, 1, 1, 1, 1, 1, 0, 1, 1, 1}));
  EXPECT_EQ(merged({first, second, third}, MergeRule::majority),
            (std::vector<int64_t>{1, 1, 1, 1, 0, 0, 0, 1, 0, 1}));
}

TEST(MergeTasks, LeavesOneWeightOn) {
  const Task left = bits_task({1, 1, 1, 1, 1, 0, 0, 0, 0, 0});
  const Task right = bits_task({0, 0, 0, 0, 0, 1, 1, 1, 1, 1});
  EXPECT_EQ(merged_task({left, right}, MergeRule::all).units[0].on, 1);
}

TEST(MergeTasks, AveragesStatisticsAndHeadsOfTheSameClasses) {
  Task a = first, b = second;
  a.statistics = {{"bn.running_mean", at::zeros({2})}, {"bn.running_var", at::ones({2})}};
  b.statistics = {{"bn.running_mean", at::ones({2})}, {"bn.running_var", at::ones({2})}};
  a.head = LinearHead{at::zeros({1, 4}), at::zeros({1})};
  b.head = LinearHead{at::ones({1, 4}), at::full({1}, 3.0F)};
  a.classes = b.classes = {"x"};
  const Task merged = merged_task({a, b}, MergeRule::majority);
  EXPECT_EQ(merged.statistics.at("bn.running_mean")[0].item<float>(), 0.5F);
  const auto& head = std::get<LinearHead>(merged.head.value());
  EXPECT_EQ(head.weight[0][0].item<float>(), 0.5F);
  EXPECT_EQ(head.bias[0].item<float>(), 1.5F);
  EXPECT_EQ(merged.classes, a.classes);
  b.classes = {"y"};
  EXPECT_FALSE(merged_task({a, b}, MergeRule::majority).head);
}

TEST(MergeTasks, LeavesHeadsOutThatHaveNoMean) {
  Task a = first, b = second;
  a.classes = b.classes = {"x"};
  for (const std::optional<Head>& head :
       {std::optional<Head>(), std::optional<Head>(CosineHead{at::ones({1, 4})}),
        std::optional<Head>(LinearHead{at::ones({1, 5}), at::ones({1})})}) {
    a.head = LinearHead{at::zeros({1, 4}), at::zeros({1})};
    b.head = head;
    for (const Task& merged :
         {merged_task({a, b}, MergeRule::all), merged_task({b, a}, MergeRule::all)}) {
      EXPECT_FALSE(merged.head);
      EXPECT_TRUE(merged.classes.empty());
    }
  }
}

TEST(MergeTasks, RefusesTasksThatDiffer) {
  Task other = second;
  other.criterion = CriterionKind::flip;
  const auto refusal = [](const std::vector<Task>& tasks) {
    return error_of(ErrorKind::invalid_argument, [&] { merged_task(tasks, MergeRule::all); });
  };
  EXPECT_EQ(refusal({first, other}),
            "expected the criterion threshold, as the first task has, got flip");
  EXPECT_EQ(refusal({first}), "expected two tasks or more to merge, got 1");
  other = second;
  other.units[0].name = "b";
  EXPECT_EQ(refusal({first, other}),
            "expected masks of the units that the first task has, got masks of others");
  other = second;
  other.preprocessing.input_size = 48;
  EXPECT_NE(refusal({first, other}).find(R"("input_size":48)"), std::string::npos);
}

}  // namespace
}  // namespace submask
