// A grid as a job array of Slurm.
#pragma once

#include <string>
#include <vector>

#include <submask/grid.h>

namespace submask::cli {

// For sbatch: a task for every cell that learns or measures by itself, with what is measured on it,
// all on one folder of cells with a database each, that `submask grid merge` joins.
struct SlurmOptions {
  std::string file;   // the grid's
  std::string cells;  // the folder that the tasks share; "": named after the file
  int threads = 1;    // of a task
};
std::string slurm_script(const SlurmOptions& options, const Grid& grid,
                         const std::vector<std::string>& names);

}  // namespace submask::cli
