// A grid whose cells run as tasks of Slurm.
//
// The tasks write the results of their cells into the folder of cells, and whoever watches takes
// them over into the database. So only one machine opens the database, and a watcher that was
// killed loses nothing.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "grid/chosen_cells.h"
#include "grid/grid_records.h"
#include "grid/slurm_settings.h"
#include "grid/slurm_submission.h"

namespace submask {

struct SubmittedCells {
  size_t cells = 0, tasks = 0;
  std::vector<std::string> jobs;  // numbers of arrays
  size_t queued = 0;              // cells that were in the queue before
};

class SlurmGrid {
 public:
  // Names the cells, opens the database and takes results over that are there. Of the options it
  // has no use for worker_command; `jobs` is the most tasks at the same time, 0: any number.
  // `hooks` must outlive this object. Throws as run_grid() does.
  SlurmGrid(const Grid& grid, const GridOptions& options, const GridHooks& hooks);

  // The grid of this title as the database and the submissions have it. So nothing is opened that
  // the cells are about, and what has become of the grid's file does not matter. Throws unavailable
  // for a title that the database does not have.
  SlurmGrid(const std::string& title, const GridOptions& options, const GridHooks& hooks);

  // Gives the cells to Slurm that have no result and no task. `file` is the grid's, which people
  // see who look at processes. Throws unavailable where Slurm does not take them; what it has taken
  // before stays.
  SubmittedCells submit(const SlurmSettings& settings, const std::string& file);

  // Reads the submissions and asks Slurm for their tasks. Throws unavailable where it does not
  // answer.
  void look_at_queue();

  // The task of a cell at the last look; null where none was submitted.
  const SubmittedTask* task_of(const std::string& cell) const;
  // All tasks that Slurm knew at the last look, also of other grids.
  const std::vector<slurm::KnownTask>& known_tasks() const { return known_; }

  const ChosenCells& cells() const { return cells_; }
  const std::vector<size_t>& distinct() const { return distinct_; }  // the first cell of each name
  GridRecords& records() { return records_; }
  const GridRecords& records() const { return records_; }
  const GridHooks& hooks() const { return hooks_; }
  void note(const std::string& line) const;
  void tell_log(const SubmittedTask& task) const;  // the last lines of it

 private:
  SlurmGrid(std::vector<slurm::KnownTask> known, ChosenCells cells, const GridOptions& options,
            const GridHooks& hooks);

  void read_tasks();
  std::vector<SlurmTask> tasks_to_submit() const;
  std::string submit_array(const std::vector<SlurmTask>& tasks, const SlurmSettings& settings,
                           const std::string& file, const std::string& after);
  void tell_end(size_t cell, const CellResult& result) const;

  const GridOptions options_;
  const GridHooks& hooks_;
  std::vector<slurm::KnownTask> known_;
  const ChosenCells cells_;
  std::vector<size_t> distinct_;
  std::vector<Submission> submissions_;
  std::map<std::string, SubmittedTask> tasks_;  // by cell
  GridRecords records_;
};

// Takes the tasks of a grid out of the queue, and stops those that run. Results stay. Returns how
// many tasks there were.
size_t cancel_tasks(const std::filesystem::path& cells, const std::string& title);

}  // namespace submask
