#include "grid/slurm_grid.h"

#include <algorithm>
#include <deque>
#include <fstream>
#include <set>

#include "base/fail.h"
#include "base/file.h"
#include "base/shell_words.h"
#include "grid/planned_cells.h"
#include "grid/run_lease.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

constexpr size_t shown_log_lines = 10;

std::string this_program() { return fs::read_symlink("/proc/self/exe").string(); }

// Slurm replaces letters after '%' in the names of its logs, unless a backslash is in the name.
std::string log_pattern(const fs::path& folder) {
  std::string pattern;
  for (const char c : folder.string()) pattern += c == '%' ? "%%" : std::string(1, c);
  return pattern + "/task-%a.log";
}

void check_folder(const fs::path& cells) {
  const std::string path = cells.string();
  if (path.find('\\') != std::string::npos || in_one_line(path) != path)
    fail_argument("a folder of cells without backslashes and line breaks, for Slurm's logs",
                  "'" + in_one_line(path) + "'");
}

std::string script_commands(const fs::path& folder, const fs::path& cells, const std::string& file,
                            const std::string& device) {
  const std::string exit_file =
      shell_word((folder / "task-").string()) + "\"$SLURM_ARRAY_TASK_ID\".exit";
  return text("rm -f ", exit_file, "\n", shell_word(this_program()), " grid run ", shell_word(file),
              " --planned ", shell_word((folder / "cells").string()), " --cells ",
              shell_word(cells.string()), " --device ", shell_word(device),
              " \\\n  --threads \"${SLURM_CPUS_PER_TASK:-1}\" ${cells[$SLURM_ARRAY_TASK_ID]} &\n",
              "# A signal for this script alone is passed on, and ends its waiting, but for the "
              "checkpoint.\n",
              "program=$!\ntrap 'kill -TERM \"$program\" 2>/dev/null' TERM USR1\n",
              "wait \"$program\"; status=$?\n",
              "while kill -0 \"$program\" 2>/dev/null; do wait \"$program\"; status=$?; done\n",
              "echo $status >", exit_file, "\nexit $status\n");
}

[[noreturn]] void fail_never_submitted(const std::string& title, const fs::path& place) {
  fail(ErrorKind::unavailable, "expected a grid that was submitted, got none with the title '",
       title, "' in ", place.string());
}

// A grid by its entries in the database, with what submissions know of its cells.
ChosenCells submitted_cells(const std::string& title, const GridOptions& options) {
  std::map<std::string, GridCell> planned;
  for (const Submission& submission : read_submissions(options.cells, title)) {
    const std::string path = (submission.folder / "cells").string(), bytes = read_text_file(path);
    PlannedCells cells = read_planned_cells({bytes.begin(), bytes.end()}, path);
    for (size_t i = 0; i < cells.names.size(); ++i)
      planned.insert_or_assign(cells.names[i], std::move(cells.grid.cells[i]));
  }
  ChosenCells cells;
  cells.grid.title = title;
  cells.entries = ResultsDatabase(options.db, /*create=*/false).entries(title);
  for (const GridEntry& entry : cells.entries) {
    GridCell& cell = cells.grid.cells.emplace_back(planned[entry.cell]);
    cell.labels = entry.labels;
    cell.after.reset();  // it was an index among the planned cells
    cells.names.push_back(entry.cell);
  }
  if (cells.names.empty()) fail_never_submitted(title, options.db);
  return cells;
}

}  // namespace

// Slurm is asked first, because naming the cells takes longer.
SlurmGrid::SlurmGrid(const Grid& grid, const GridOptions& options, const GridHooks& hooks)
    : SlurmGrid{slurm::known_tasks(), choose_cells(grid, options), options, hooks} {
  if (options.jobs < 0) fail_argument("no negative number of jobs", options.jobs);
  if (records_.put_grid(cells_.entries))
    note("the grid '" + grid.title + "' in " + options.db.string() +
         " had other cells: it is replaced");
  records_.prepare(cells_.errors, options.retry);
}

SlurmGrid::SlurmGrid(const std::string& title, const GridOptions& options, const GridHooks& hooks)
    : SlurmGrid{slurm::known_tasks(), submitted_cells(title, options), options, hooks} {
  records_.absorb_all();
}

SlurmGrid::SlurmGrid(std::vector<slurm::KnownTask> known, ChosenCells cells,
                     const GridOptions& options, const GridHooks& hooks)
    : options_(options),
      hooks_(hooks),
      known_(std::move(known)),
      cells_(std::move(cells)),
      records_(cells_.grid, cells_.names, options.db, options.cells,
               [this](size_t cell, const CellResult& result) { tell_end(cell, result); }) {
  std::set<std::string> seen;
  for (size_t i = 0; i < cells_.names.size(); ++i)
    if (seen.insert(cells_.names[i]).second) distinct_.push_back(i);
  if (hooks_.chosen) hooks_.chosen(cells_.grid, cells_.names);
  read_tasks();
}

void SlurmGrid::note(const std::string& line) const {
  if (hooks_.note) hooks_.note(line);
}

void SlurmGrid::look_at_queue() {
  known_ = slurm::known_tasks();
  read_tasks();
}

void SlurmGrid::read_tasks() {
  submissions_ = read_submissions(records_.cells(), cells_.grid.title);
  tasks_ = tasks_of_cells(submissions_, known_);
}

const SubmittedTask* SlurmGrid::task_of(const std::string& cell) const {
  const auto task = tasks_.find(cell);
  return task == tasks_.end() ? nullptr : &task->second;
}

void SlurmGrid::tell_end(size_t cell, const CellResult& result) const {
  if (hooks_.ended) hooks_.ended(cell, result.done, result.result);
  if (result.done) return;
  note(label_text(cells_.grid.cells[cell]) + " failed: " + result.error);
  if (const SubmittedTask* task = task_of(cells_.names[cell])) tell_log(*task);
}

void SlurmGrid::tell_log(const SubmittedTask& task) const {
  const fs::path path = task.submission->log(task.index);
  if (!fs::exists(path)) return;
  std::ifstream log(path);
  std::deque<std::string> last;
  for (std::string line; std::getline(log, line);) {
    last.push_back(line);
    if (last.size() > shown_log_lines) last.pop_front();
  }
  note("  " + path.string() + " ends with:");
  for (const std::string& line : last) note("  | " + shown(line));
}

// A task for each cell that was not measured on another one, without the cells that have a result
// or a task.
std::vector<SlurmTask> SlurmGrid::tasks_to_submit() const {
  return slurm_tasks(cells_.grid, cells_.names, [&](size_t cell) {
    const SubmittedTask* task = task_of(cells_.names[cell]);
    return !records_.has_result(cell) && !(task != nullptr && task->is_active());
  });
}

SubmittedCells SlurmGrid::submit(const SlurmSettings& settings, const std::string& file) {
  check_folder(records_.cells());
  const size_t largest_array = slurm::largest_array();
  LeaseFolder leases(records_.cells() / "slurm");
  const auto lease = leases.take("submit");
  if (!lease)
    fail(ErrorKind::unavailable, "expected nobody else to submit from ", records_.cells().string(),
         ", got another process that does");
  look_at_queue();
  const std::vector<SlurmTask> tasks = tasks_to_submit();
  SubmittedCells submitted;
  for (const size_t cell : distinct_) {
    const SubmittedTask* task = task_of(cells_.names[cell]);
    submitted.queued += !records_.has_result(cell) && task != nullptr && task->is_active();
  }
  for (size_t first = 0; first < tasks.size(); first += largest_array) {
    const auto begin = tasks.begin() + static_cast<std::ptrdiff_t>(first);
    const std::vector<SlurmTask> part(
        begin, begin + static_cast<std::ptrdiff_t>(std::min(largest_array, tasks.size() - first)));
    // Slurm limits the tasks at the same time within an array, so arrays take turns.
    const bool in_turn = options_.jobs > 0 && !submitted.jobs.empty();
    submitted.jobs.push_back(
        submit_array(part, settings, file, in_turn ? submitted.jobs.back() : ""));
    submitted.tasks += part.size();
    for (const SlurmTask& task : part) submitted.cells += task.cells.size();
  }
  return submitted;
}

std::string SlurmGrid::submit_array(const std::vector<SlurmTask>& tasks,
                                    const SlurmSettings& settings, const std::string& file,
                                    const std::string& after) {
  SlurmScript script;
  script.name = fs::path(file).stem().string();
  script.threads = options_.threads.value_or(1);
  script.side_by_side = options_.jobs;
  script.settings = sbatch_settings(settings);
  Grid grid = cells_.grid;
  std::vector<std::string> names = cells_.names, wanted;
  for (const SlurmTask& task : tasks)
    wanted.insert(wanted.end(), task.cells.begin(), task.cells.end());
  keep_cells(wanted, grid, names);
  const Submission submission = make_submission(records_.cells(), cells_.grid.title, tasks);
  const fs::path& folder = submission.folder;
  // The user's own settings win over the first ones. By the comment the tasks are found.
  const std::vector<std::string> ours = {"--requeue", "--open-mode=append",
                                         "--output=" + shell_word(log_pattern(folder))};
  script.settings.insert(script.settings.begin(), ours.begin(), ours.end());
  script.settings.push_back("--comment=" + submission.token());
  script.commands = script_commands(folder, records_.cells(), file, options_.device);
  slurm::SubmittedArray array;
  try {
    write_file_atomically(folder / "cells", write_planned_cells(grid, names));
    write_output(folder / "job.sh", slurm_script(script, tasks));
    array = slurm::submit_array(folder / "job.sh", after);
  } catch (...) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw;
  }
  if (!array.warnings.empty()) note(array.warnings);
  write_output(folder / "job", array.job + "\n");
  return array.job;
}

size_t cancel_tasks(const fs::path& cells, const std::string& title) {
  const auto submissions = read_submissions(cells, title);
  if (submissions.empty()) fail_never_submitted(title, cells);
  std::set<std::string> jobs;
  std::set<std::pair<std::string, size_t>> tasks;
  for (const auto& [cell, task] : tasks_of_cells(submissions, slurm::known_tasks())) {
    if (!task.is_active()) continue;
    jobs.insert(task.known.job);
    tasks.insert({task.known.job, task.index});
  }
  for (const std::string& job : jobs) slurm::cancel_array(job);
  return tasks.size();
}

}  // namespace submask
