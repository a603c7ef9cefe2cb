#include "parallel/gradient_reducer.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>

#include "parallel/thread_processes.h"

namespace submask {
namespace {

std::vector<at::Tensor> parameters() {
  std::vector<at::Tensor> made;
  for (const int64_t size : {7, 100, 3, 64})
    made.push_back(at::ones({size}, at::kDouble).requires_grad_(true));
  return made;
}

at::Tensor weighted_sum(const std::vector<at::Tensor>& parameters, double factor) {
  at::Tensor sum = at::zeros({}, at::kDouble);
  for (size_t i = 0; i < parameters.size(); ++i)
    sum = sum + parameters[i].sum() * (factor * static_cast<double>(i + 1));
  return sum;
}

TEST(GradientReducer, SumsWhateverTheBuckets) {
  for (const int64_t bucket_bytes : {1, 600, 1 << 20})
    run_processes(3, [&](int rank) {
      const auto own = parameters();
      GradientReducer reducer(communicator(), own, bucket_bytes);
      for (int step = 0; step < 3; ++step) {
        reducer.start();
        weighted_sum(own, rank + 1).backward();
        reducer.finish();
        for (size_t i = 0; i < own.size(); ++i) {
          EXPECT_TRUE(
              at::equal(own[i].grad(), at::full_like(own[i], 6.0 * static_cast<double>(i + 1))));
          at::Tensor parameter = own[i];
          parameter.mutable_grad().reset();
        }
      }
    });
}

TEST(GradientReducer, SumsOnceWhatSeveralBatchesLeft) {
  run_processes(2, [](int rank) {
    const auto own = parameters();
    GradientReducer reducer(communicator(), own, 600);
    weighted_sum(own, rank + 1).backward();
    reducer.start();
    weighted_sum(own, rank + 1).backward();
    reducer.finish();
    EXPECT_TRUE(at::equal(own[0].grad(), at::full_like(own[0], 6.0)));
  });
}

// Rank 1 has no gradient for the last parameter, no rank has one for the first.
TEST(GradientReducer, CountsAMissingGradientAsZeros) {
  run_processes(2, [](int rank) {
    const auto own = parameters();
    GradientReducer reducer(communicator(), own, 600);
    reducer.start();
    (own[1].sum() + (rank == 0 ? own[3].sum() * 5 : at::zeros({}, at::kDouble))).backward();
    reducer.finish();
    EXPECT_FALSE(own[0].grad().defined());
    EXPECT_TRUE(at::equal(own[1].grad(), at::full_like(own[1], 2.0)));
    EXPECT_TRUE(at::equal(own[3].grad(), at::full_like(own[3], 5.0)));
  });
}

TEST(GradientReducer, DoesNothingForOneProcess) {
  const auto own = parameters();
  GradientReducer reducer(communicator(), own, 600);
  reducer.start();
  weighted_sum(own, 1).backward();
  reducer.finish();
  EXPECT_TRUE(at::equal(own[2].grad(), at::full_like(own[2], 3.0)));
}

// After the reducer is gone, a parameter's gradients are its own again.
TEST(GradientReducer, LeavesNoHookBehind) {
  run_processes(2, [](int) {
    const auto own = parameters();
    { GradientReducer reducer(communicator(), own, 600); }
    weighted_sum(own, 1).backward();
    EXPECT_TRUE(at::equal(own[0].grad(), at::ones_like(own[0])));
  });
}

}  // namespace
}  // namespace submask
