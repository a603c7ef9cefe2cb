// The seeded classification problems of tests/reference/make_evaluate.py, and its answers.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ATen/ATen.h>

#include <submask/evaluate.h>

#include "base/random.h"

namespace submask {

inline Features seeded_problem(uint64_t seed, int64_t count, int64_t width, int64_t classes) {
  Random noise({seed, 1}), label({seed, 2}), centre({seed, 3});
  std::vector<double> centres(static_cast<size_t>(classes * width));
  for (double& value : centres) value = centre.uniform();
  Features result{at::empty({count, width}), at::empty({count}, at::kLong), {}};
  for (int64_t row = 0; row < count; ++row) {
    const auto drawn = static_cast<int64_t>(label.next() % static_cast<uint64_t>(classes));
    result.labels[row] = drawn;
    for (int64_t column = 0; column < width; ++column) {
      const double centre_value = centres[static_cast<size_t>(drawn * width + column)];
      const double value = noise.uniform() + 0.7 * centre_value + 1.0;
      result.values[row][column] = value * (1.0 + static_cast<double>(column));
    }
  }
  return result;
}

inline nlohmann::json golden_cases(const std::string& name) {
  std::ifstream file(std::string(SUBMASK_TEST_DATA) + "/golden/evaluate/" + name);
  return nlohmann::json::parse(file).at("cases");
}

inline at::Tensor golden_tensor(const nlohmann::json& values, at::IntArrayRef shape) {
  const auto numbers = values.get<std::vector<double>>();
  return at::tensor(numbers, at::kDouble).reshape(shape);
}

inline double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) - b.to(at::kDouble)).abs().max().item<double>();
}

}  // namespace submask
