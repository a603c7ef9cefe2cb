// The content of a task file, as `submask inspect` prints it.
#pragma once

#include <nlohmann/json.hpp>

#include <submask/packed_task.h>

namespace submask {

// The bytes of the coded masks and of their checks, 8 each.
int64_t mask_bytes(const PackedTask& task);

// `file_bytes` is the size of the file, which is part of the description.
nlohmann::ordered_json describe(const PackedTask& task, int64_t file_bytes);

// The bytes of a file that are in none of the parts.
int64_t metadata_bytes(int64_t file_bytes, const nlohmann::ordered_json& parts);

}  // namespace submask
