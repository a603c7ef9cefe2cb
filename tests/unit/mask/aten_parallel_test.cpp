#include "mask/aten_parallel.h"

#include <gtest/gtest.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

namespace submask {
namespace {

TEST(AtenParallel, ResultsDoNotDependOnTheThreadCount) {
  at::manual_seed(5);
  const at::Tensor a = at::randn({1000003}), b = at::randn({1000003});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const double one =
      kernels::dot(aten_parallel(), a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  at::set_num_threads(2);
  const double two =
      kernels::dot(aten_parallel(), a.data_ptr<float>(), b.data_ptr<float>(), a.numel());
  at::set_num_threads(before);
  EXPECT_EQ(one, two);
}

}  // namespace
}  // namespace submask
