// The JSON part of a task: everything but its tensors' bytes. Keys sorted, so that the same task
// gives the same text.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include <submask/task_file.h>

namespace submask {

// As task files and the command line have it.
nlohmann::json preprocessing_to_json(const Preprocessing& preprocessing);

nlohmann::json description_to_json(const TaskDescription& description);
void description_from_json(const nlohmann::json& record, const std::string& file,
                           TaskDescription& description);

// Of files of version 1, with units as {name, shape, on}: fills all of a Task but bits, statistics
// and head. Throws corrupt_file, naming `file`.
Task task_from_json(const std::string& text, const std::string& file);

// A task file: with profile, masks ("NAME SHAPE ON BYTES", as "conv1.weight 16x3x3x3 389 57", one
// number of bytes a block, joined by +), statistics ("NAME CHANNELS"), the head's form, the parent.
std::string packed_to_json(const PackedTask& packed);

// Fills all of a PackedTask but coded, checks, statistics and head; sizes are within bounds, and
// the numbers of blocks those of the shapes. Throws corrupt_file.
PackedTask packed_from_json(const std::string& text, const std::string& file);

// Throws corrupt_file for a shape or count that no mask unit has; a file cannot make a reader
// allocate without bound.
void check_unit(const std::string& name, const std::vector<int64_t>& shape, int64_t on,
                const std::string& file);

}  // namespace submask
