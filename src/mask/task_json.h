// The JSON part of a task file: everything about a task but its tensors' bytes.
#pragma once

#include <string>

#include <submask/task_file.h>

namespace submask {

// Backbone, units (name, shape, on), classes, preprocessing, provenance; keys sorted, so that the
// same task gives the same text.
std::string task_to_json(const Task& task);

// Fills all of a Task but bits, statistics and head. Throws corrupt_file, naming `file`.
Task task_from_json(const std::string& text, const std::string& file);

}  // namespace submask
