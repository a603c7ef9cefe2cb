// What a task of a job array does.
#pragma once

#include <filesystem>

#include <submask/grid.h>

namespace submask {

// Runs those of the planned cells in `file` that options.only names, and writes their results into
// options.cells. It needs neither the grid's file nor a database. `job` is the task's number in
// Slurm, which it keeps when it is started again. Throws unavailable where cells failed.
void run_slurm_task(const std::filesystem::path& file, const std::string& job,
                    const GridOptions& options, const GridHooks& hooks);

}  // namespace submask
