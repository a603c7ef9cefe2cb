// What the replays of DINO's and SwAV's formulas share: the sizes of their problem, its seeded
// values, and the comparison with what tests/reference/ has written down in float64.
#pragma once

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <vector>

#include <ATen/ATen.h>

#include "base/random.h"

namespace submask {

constexpr int64_t width = 6, crops = 5, images = 3;

// In [0, 1), less `shift`.
inline at::Tensor uniform_values(Random random, at::IntArrayRef shape, double shift) {
  at::Tensor values = at::empty(shape, at::kDouble);
  for (int64_t i = 0; i < values.numel(); ++i)
    values.data_ptr<double>()[i] = random.uniform() - shift;
  return values;
}

inline void expect_near(const at::Tensor& got, const nlohmann::json& expected, const char* what,
                        size_t step, double tolerance = 1e-9) {
  const auto values = expected.get<std::vector<double>>();
  const at::Tensor flat = got.detach().flatten();
  ASSERT_EQ(flat.numel(), std::ssize(values)) << what;
  for (int64_t i = 0; i < flat.numel(); ++i)
    ASSERT_NEAR(flat[i].item<double>(), values[static_cast<size_t>(i)], tolerance)
        << what << " " << i << " of step " << step;
}

}  // namespace submask
