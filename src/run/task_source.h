// Tasks that users name by where they are published.
#pragma once

#include <string>

namespace submask {

// The task or cascade file that --task names, on this machine: a path as it is; of
// hf:ORG/NAME[@REVISION][:FILE] the model's only .task or .cascade file, or FILE, fetched into the
// hub's cache, and with it the tasks that it is coded against. Throws as fetch_weights() and
// read_packed_task().
std::string task_path(const std::string& task);

}  // namespace submask
