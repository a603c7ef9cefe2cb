// Reads tasks that are coded against a parent, whose file lies in the same folder.
#pragma once

#include <filesystem>
#include <functional>

#include "taskfile/pack.h"

namespace submask {

using Unpack = std::function<UnpackedTask(const PackedTask& packed, const TaskMasks* parent)>;

// Reads a task file and unpacks it; first, where it is coded against a parent, the file that it
// names. Throws as read_packed_task() and `unpack` do, naming the file, and invalid_argument where
// the parent's file has other masks than the task was coded against.
UnpackedTask read_with_parents(const std::filesystem::path& path, const Unpack& unpack);

}  // namespace submask
