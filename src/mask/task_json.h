// The JSON part of a task: everything but its tensors' bytes. Keys are sorted, so that the same
// task gives the same text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include <submask/task_file.h>

namespace submask {

// Returns the form that task files hold and the command line prints.
nlohmann::json preprocessing_to_json(const Preprocessing& preprocessing);

nlohmann::json description_to_json(const TaskDescription& description);
// What a file says of its making, as text. Throws corrupt_file for what is no object.
std::string provenance_from_json(const nlohmann::json& record, const std::string& file);
void description_from_json(const nlohmann::json& record, const std::string& file,
                           TaskDescription& description);

// Reads the description in a file of version 1, which has units as {name, shape, on}. Fills all of
// a Task but bits, statistics and head. Throws corrupt_file, naming `file`.
Task task_from_json(const std::string& text, const std::string& file);

// Writes the description of a task file. Beside the members of a TaskDescription it has the
// profile, the coder, the head's form, the parent, the statistics ("NAME CHANNELS"), and the masks
// ("NAME SHAPE ON BYTES", as "conv1.weight 16x3x3x3 389 57", where BYTES has a number for each
// block, joined by +).
std::string packed_to_json(const PackedTask& packed);

// Reads such a description. Fills all of a PackedTask but the coded masks, their checks, the values
// of the statistics, the head and the signature. Throws corrupt_file, also for sizes out of bounds
// and for a number of blocks that does not fit the shape.
PackedTask packed_from_json(const std::string& text, const std::string& file);

// Throws corrupt_file for a shape or count that no mask unit can have, so that a damaged file
// cannot make a reader allocate without bound.
void check_unit(const std::string& name, const std::vector<int64_t>& shape, int64_t on,
                const std::string& file);

}  // namespace submask
