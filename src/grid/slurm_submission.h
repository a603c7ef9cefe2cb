// Job arrays that were given to Slurm, as files in the folder of a grid's cells. The tasks and
// whoever watches them, on several machines and at any time, know of each other by these alone:
//
//   CELLS/slurm/TOKEN/submission.json  the grid's title and the tasks
//   CELLS/slurm/TOKEN/cells            the cells as they were planned (planned_cells.h)
//   CELLS/slurm/TOKEN/job.sh           the script
//   CELLS/slurm/TOKEN/job              the number of the array
//   CELLS/slurm/TOKEN/task-N.log       what task N printed
//   CELLS/slurm/TOKEN/task-N.exit      the status that its program ended with
//
// Tokens sort in the order of submission. Slurm knows the token too, as the comment of the job.
// So an array is found whose number was not written, because its submitter was killed before.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "grid/slurm_client.h"
#include "grid/slurm_script.h"

namespace submask {

struct Submission {
  std::filesystem::path folder;
  std::string title;  // of the grid
  std::vector<SlurmTask> tasks;
  std::string job;  // "": it was not written

  std::string token() const { return folder.filename().string(); }
  std::filesystem::path log(size_t task) const;
  std::optional<int> exit_status(size_t task) const;  // none while it runs, and where it was killed
};

// Makes a folder for a new submission and writes submission.json. Throws io.
Submission make_submission(const std::filesystem::path& cells, const std::string& title,
                           std::vector<SlurmTask> tasks);

// Those of one grid, the oldest first. Throws corrupt_file and io.
std::vector<Submission> read_submissions(const std::filesystem::path& cells,
                                         const std::string& title);

// A task of a submission, as Slurm knows it.
struct SubmittedTask {
  const Submission* submission = nullptr;
  size_t index = 0;
  slurm::KnownTask known;  // `state` is "" where Slurm has forgotten it, or never had it

  const SlurmTask& task() const { return submission->tasks[index]; }
  bool is_active() const {
    return slurm::is_waiting(known.state) || slurm::is_running(known.state);
  }
};

// The task of each cell, by the cell's name. Of several tasks an active one counts, else the last.
std::map<std::string, SubmittedTask> tasks_of_cells(const std::vector<Submission>& submissions,
                                                    const std::vector<slurm::KnownTask>& known);

}  // namespace submask
