// Merging and comparing of tasks by the C interface.
#include <algorithm>

#include "small_task.h"

namespace {

TEST(CMergeTasks, MergesAndCompares) {
  const SmallTask a(1), b(2), c(3);
  const TaskPointer first = a.plain(), second = b.plain(), third = c.plain();
  const submask_task* tasks[] = {first.get(), second.get(), third.get()};
  submask_task* merged = nullptr;
  EXPECT_OK(submask_merge(tasks, 3, SUBMASK_MAJORITY, &merged));
  const TaskPointer keep = owned(merged);
  std::vector<uint8_t> bits(a.bits[1].size());
  EXPECT_OK(submask_task_decode(merged, 1, nullptr, 0, nullptr, bits.data(), bits.size()));
  for (size_t i = 0; i < bits.size(); ++i) {
    const uint8_t x = a.bits[1][i], y = b.bits[1][i], z = c.bits[1][i];
    ASSERT_EQ(bits[i], static_cast<uint8_t>((x & y) | (y & z) | (x & z)));
  }
  float means[8];
  EXPECT_OK(submask_task_statistics(merged, nullptr, means, 8));
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_FLOAT_EQ(means[i], (a.mean[i] + b.mean[i] + c.mean[i]) / 3);
    EXPECT_FLOAT_EQ(means[4 + i], (a.variance[i] + b.variance[i] + c.variance[i]) / 3);
  }
  int64_t off_both = 0, off_a = 0;
  for (size_t unit = 0; unit < 2; ++unit)
    for (size_t i = 0; i < a.theta[unit].size(); ++i) {
      const bool on_a = a.bits[unit][i / 8] >> (i % 8) & 1,
                 on_b = b.bits[unit][i / 8] >> (i % 8) & 1;
      off_a += on_a ? 0 : 1;
      off_both += on_a || on_b ? 0 : 1;
    }
  submask_agreement agreement;
  EXPECT_OK(submask_compare(first.get(), second.get(), &agreement));
  EXPECT_EQ(agreement.weights, 1152 + 6400);
  EXPECT_EQ(agreement.off_a, off_a);
  EXPECT_EQ(agreement.off_both, off_both);
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT, submask_merge(tasks, 1, SUBMASK_OR, &merged)),
            "expected two tasks or more to merge, got 1");
  EXPECT_EQ(refusal(SUBMASK_INVALID_ARGUMENT,
                    submask_merge(tasks, 2, static_cast<submask_merge_rule>(3), &merged)),
            "expected a merge rule of 0 to 2, got 3");
}

// A unit that would be all off keeps the first of the weights that most tasks keep.
TEST(CMergeTasks, AMergedUnitIsNeverAllOff) {
  SmallTask a(1), b(2);
  for (SmallTask* task : {&a, &b}) std::ranges::fill(task->bits[1], uint8_t{0});
  a.bits[1][7] = 0b01010000;  // weights 60 and 62
  b.bits[1][7] = 0b10000000;
  const TaskPointer first = a.plain(), second = b.plain();
  const submask_task* tasks[] = {first.get(), second.get()};
  submask_task* merged = nullptr;
  EXPECT_OK(submask_merge(tasks, 2, SUBMASK_AND, &merged));
  const TaskPointer keep = owned(merged);
  std::vector<uint8_t> bits(a.bits[1].size()), expected(bits.size());
  expected[7] = 0b00010000;
  EXPECT_OK(submask_task_decode(merged, 1, nullptr, 0, nullptr, bits.data(), bits.size()));
  EXPECT_EQ(bits, expected);
  for (SmallTask* task : {&a, &b}) std::ranges::fill(task->bits[1], uint8_t{0});
  const TaskPointer no_first = a.plain(), no_second = b.plain();
  const submask_task* none[] = {no_first.get(), no_second.get()};
  submask_task* of_none = nullptr;
  EXPECT_OK(submask_merge(none, 2, SUBMASK_OR, &of_none));
  const TaskPointer keep_too = owned(of_none);
  expected[7] = 0;
  expected[0] = 1;
  EXPECT_OK(submask_task_decode(of_none, 1, nullptr, 0, nullptr, bits.data(), bits.size()));
  EXPECT_EQ(bits, expected);
}

}  // namespace
