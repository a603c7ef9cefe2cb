// The digest that a task's signature signs.
#pragma once

#include <string>

#include <submask/task_file.h>

namespace submask {

// Returns the sealed_digest() of the file that write_task() writes for the task.
std::string task_digest(const PackedTask& task);

}  // namespace submask
