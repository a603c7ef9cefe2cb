// The numbers of a cell's result by their names.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

namespace submask {

// The number named "accuracy" or, inside an object of the result, "training_set.classes"; nothing
// where the result has no such number.
std::optional<double> result_number(const nlohmann::json& result, const std::string& name);

// The names of numbers that results of runs have outside of objects.
const std::vector<std::string>& usual_numbers();

// The names of the numbers in the result; of those inside objects, the last.
std::vector<std::string> number_names(const nlohmann::json& result);

}  // namespace submask
