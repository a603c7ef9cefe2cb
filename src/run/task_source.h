// Finds task files by the names that users give: paths, or models on the Hugging Face hub.
#pragma once

#include <string>

namespace submask {

// Returns the path of the task or cascade file that --task names. A path is returned as it is.
// hf:ORG/NAME[@REVISION][:FILE] names FILE in a model, or the model's only .task or .cascade file.
// That file and the tasks that it is coded against are fetched into the hub's cache. Throws as
// fetch_weights() and read_packed_task().
std::string task_path(const std::string& task);

}  // namespace submask
