// What a task's signature signs.
#pragma once

#include <string>

#include <submask/task_file.h>

namespace submask {

// sealed_digest() of the file that write_task() makes.
std::string task_digest(const PackedTask& task);

}  // namespace submask
