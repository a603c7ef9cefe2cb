// A grid as a job array of Slurm.
#pragma once

#include <string>
#include <vector>

#include "cli/grid_run.h"

namespace submask::cli {

// For sbatch: a task for every cell that learns or measures by itself, with what is measured on it,
// all on one folder of cells with a database each, that `submask grid merge` joins.
std::string slurm_script(const GridRunOptions& options, const Grid& grid,
                         const std::vector<std::string>& names);

}  // namespace submask::cli
