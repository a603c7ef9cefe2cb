// What a file's provenance says of how the file was made and how often it is right: the same words
// for inspect, lists of folders, the server and the hub's page.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace submask {

struct TaskOrigin {
  std::string method = {}, data = {};   // of the mask; "": not said
  std::optional<double> accuracy = {};  // of the head that is in the file
  std::string measured_on = {};         // the data of `accuracy`
  // Where that head was fitted after the mask was learned: what was measured at the learning.
  std::optional<double> mask_accuracy = {};
};

// Nothing is known of what is no JSON object.
TaskOrigin origin_of(std::string_view provenance);

// Adds "accuracy" and "mask_accuracy" where they are known.
void add_measured(const TaskOrigin& origin, nlohmann::ordered_json& json);

}  // namespace submask
