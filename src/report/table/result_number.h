// Numbers of a result by their names.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace submask {

// "accuracy"; "training_set.classes" of an object in it. None where it has no such number.
std::optional<double> result_number(const nlohmann::json& result, const std::string& name);

}  // namespace submask
