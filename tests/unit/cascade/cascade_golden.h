// Answers of tests/reference/make_cascade.py.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <ATen/ATen.h>

namespace submask {

inline nlohmann::json cascade_cases(const std::string& name) {
  std::ifstream file(std::string(SUBMASK_TEST_DATA) + "/golden/cascade/" + name);
  return nlohmann::json::parse(file).at("cases");
}

inline at::Tensor golden_values(const nlohmann::json& values, at::IntArrayRef shape) {
  return at::tensor(values.get<std::vector<double>>(), at::kDouble).reshape(shape);
}

}  // namespace submask
