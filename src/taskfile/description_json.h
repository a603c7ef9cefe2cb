// The part of a task's description that is the same packed and unpacked, as JSON. Keys are sorted,
// so that the same task gives the same text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include <submask/packed_task.h>

#include "base/fault.h"

namespace submask {

// Returns the form that task files hold and the command line prints.
nlohmann::json preprocessing_to_json(const Preprocessing& preprocessing);

nlohmann::json description_to_json(const TaskDescription& description);

// Throws corrupt_file for values that no task has, unsupported_version for unknown `needs`, and
// what nlohmann-json throws for missing keys and values of another type.
TaskDescription description_from_json(const nlohmann::json& record, const std::string& file);

// What a file says of its making, as text. Throws corrupt_file for what is no object.
std::string provenance_from_json(const nlohmann::json& record, const std::string& file);

// Whether a name can stand in a description's line of a mask or norm: UTF-8, without spaces and
// control characters.
bool is_word(const std::string& name);

// Whether this names a file in a folder, and none above or below it.
bool is_file_name(const std::string& name);

// Not set where a mask unit can have this shape and count. Bounds what a damaged file can make a
// reader allocate.
std::optional<Fault> unit_fault(const std::string& name, const std::vector<int64_t>& shape,
                                int64_t on);

}  // namespace submask
