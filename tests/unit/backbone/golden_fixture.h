// Fixtures of tests/golden/backbone/.
#pragma once

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace submask {

inline nlohmann::json golden_fixture(const std::string& name) {
  std::ifstream file(std::string(SUBMASK_TEST_DATA "/golden/backbone/") + name + ".json");
  return nlohmann::json::parse(file);
}

}  // namespace submask
