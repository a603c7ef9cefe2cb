// Writes cells of a grid as a job array of Slurm.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <submask/grid.h>

namespace submask {

// A task of a job array: cells that one process runs one after another.
struct SlurmTask {
  std::vector<std::string> cells;  // names, each once
  std::string label;               // of the first cell, as label_text() has it
};

// Each cell that does not measure another cell is a task, together with the cells that measure it.
// Where such a cell needs no run itself, the task has only those that measure it. `is_left` says
// which cells need a run.
std::vector<SlurmTask> slurm_tasks(const Grid& grid, const std::vector<std::string>& names,
                                   const std::function<bool(size_t cell)>& is_left);

struct SlurmScript {
  std::string name;                   // of the job; other characters than letters and digits go
  int threads = 1;                    // of a task
  int64_t side_by_side = 0;           // most tasks at the same time; 0: any number
  std::vector<std::string> settings;  // what stands after "#SBATCH " on lines of their own
  std::vector<std::string> comments;  // lines
  // Lines of bash. ${cells[$SLURM_ARRAY_TASK_ID]} are the words "--cell NAME" of a task's cells.
  std::string commands;
};

// Returns a script for sbatch with all tasks in one array.
std::string slurm_script(const SlurmScript& script, const std::vector<SlurmTask>& tasks);

// The script of `grid plan --slurm`. All tasks share the folder `cells` ("": named after the grid's
// file) and have a database each; `submask grid merge` joins the databases.
std::string slurm_plan(const std::string& file, const std::string& cells, int threads,
                       const Grid& grid, const std::vector<std::string>& names);

}  // namespace submask
