// A file of several tasks to learn over one backbone (`submask train --tasks`).
#pragma once

#include <string>
#include <vector>

#include <submask/run.h>

#include "run/toml_file.h"

namespace submask {

struct ListedTask {
  RunSpec spec;
  OptionPlaces places;  // of the options that the file sets
};

// Reads one run from each [[task]] table. The keys outside of tables hold for all tasks, unless a
// task has the same key, and `overrides` win over both. Checkpoints and event files get a folder
// for each task.
//
// Throws corrupt_file and invalid_argument, which name the file and, where a key is wrong, its
// line: no such tables, options as assign() refuses them, no data, several backbones, two tasks
// that write the same file.
std::vector<ListedTask> read_task_list(const std::string& path, const Assignments& overrides);

}  // namespace submask
