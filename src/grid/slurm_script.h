// Writes a grid as a job array of Slurm.
#pragma once

#include <string>
#include <vector>

#include <submask/grid.h>

namespace submask {

struct SlurmOptions {
  std::string file;   // of the grid
  std::string cells;  // the folder that the tasks share; "": named after the file
  int threads = 1;    // of a task
};

// Returns a script for sbatch. Each cell that does not measure another cell is a task of the array,
// together with the cells that measure it. All tasks share one folder of cells. Each task has a
// database of its own; `submask grid merge` joins the databases.
std::string slurm_script(const SlurmOptions& options, const Grid& grid,
                         const std::vector<std::string>& names);

}  // namespace submask
