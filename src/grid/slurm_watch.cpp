#include "grid/slurm_watch.h"

#include <algorithm>
#include <csignal>
#include <thread>

#include "base/fail.h"
#include "grid/cell_run.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

// What a shell says of a program that a signal ended.
constexpr int status_of_signals = 128;

bool was_interrupted(std::optional<int> status) {
  // The program's own statuses for it: with nothing kept of the cell, and after a checkpoint.
  constexpr int interrupted = status_of_signals + SIGINT, stopped = 75;
  return status == interrupted || status == stopped || status == status_of_signals + SIGTERM ||
         status == status_of_signals + SIGUSR1;
}

// Whether Slurm stopped a task that may go on later.
bool was_stopped(const std::string& state) {
  return state == "TIMEOUT" || state == "PREEMPTED" || state == "NODE_FAIL" ||
         state == "BOOT_FAIL" || state == "DEADLINE";
}

// Why a task ended that left a cell without a result; "" where nothing says so.
std::string reason_of(const std::string& state, std::optional<int> status) {
  if (state == "OUT_OF_MEMORY") return "ran out of memory";
  if (status == status_of_signals + SIGKILL) return "was killed by signal 9, as for want of memory";
  if (status && *status > status_of_signals)
    return "was killed by signal " + std::to_string(*status - status_of_signals);
  if (status && *status != 0) return "ended with " + std::to_string(*status);
  return state.empty() ? "" : "was ended by Slurm as " + state;
}

// When a checkpoint was written last; "" where there is none.
std::string time_of(const fs::path& folder) {
  std::optional<fs::file_time_type> latest;
  std::error_code ignored;
  for (const auto& entry : fs::recursive_directory_iterator(folder, ignored))
    latest = std::max(latest, std::optional(entry.last_write_time(ignored)));
  return latest ? std::to_string(latest->time_since_epoch().count()) + " " : "";
}

}  // namespace

GridSummary SlurmWatch::run() {
  while (true) {
    if (is_due()) look_at_queue();
    look_at_cells();
    if (grid_.records().left() == 0) break;
    if (is_over_) break;
    for (int part = 0; part < 4; ++part) {
      if (grid_.hooks().tick) grid_.hooks().tick();
      std::this_thread::sleep_for(std::chrono::milliseconds(250));
    }
  }
  if (grid_.hooks().tick) grid_.hooks().tick();
  const GridRecords& records = grid_.records();
  if (records.left() > 0 && !records.any_failed())
    fail(ErrorKind::unavailable,
         "expected tasks until every cell had ended, got none: ", records.left(),
         " cells left (submask grid submit gives them to Slurm)");
  return records.summary();
}

CellCounts SlurmWatch::count() {
  grid_.records().absorb_all();
  CellCounts counts;
  for (const size_t cell : grid_.distinct()) {
    const std::string& name = grid_.cells().names[cell];
    const SubmittedTask* task = grid_.task_of(name);
    if (grid_.records().has_ended(cell))
      ++(grid_.records().has_failed(cell) ? counts.failed : counts.done);
    else if (leases_.is_held(name))
      ++counts.running;
    else
      ++(task != nullptr && task->is_active() ? counts.waiting : counts.left);
  }
  return counts;
}

// Often at first, so that a short grid ends soon, and seldom later, because many may watch.
bool SlurmWatch::is_due() const {
  const auto age = Clock::now() - began_;
  return !looked_ ||
         Clock::now() - *looked_ >= std::clamp<Clock::duration>(age / 10, std::chrono::seconds(2),
                                                                std::chrono::seconds(15));
}

void SlurmWatch::look_at_queue() {
  looked_ = Clock::now();
  try {
    grid_.look_at_queue();
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::unavailable) throw;
    if (answers_) grid_.note(text(error.what(), "; going on with what the tasks write"));
    answers_ = false;
    return;
  }
  if (!answers_) grid_.note("Slurm answers again");
  answers_ = true;
  tell_reasons();
  look_at_tasks();
}

void SlurmWatch::look_at_cells() {
  for (const size_t cell : grid_.distinct()) {
    if (grid_.records().has_ended(cell)) continue;
    const std::string& name = grid_.cells().names[cell];
    const SubmittedTask* task = grid_.task_of(name);
    if (task != nullptr && slurm::is_waiting(task->known.state) && !running_.contains(name))
      continue;
    grid_.records().absorb(cell);
    if (grid_.records().has_ended(cell)) {
      running_.erase(name);
    } else if (leases_.is_held(name)) {
      if (running_.insert(name).second && grid_.hooks().started) grid_.hooks().started(cell);
    } else if (running_.erase(name) == 1 && grid_.hooks().stopped) {
      grid_.hooks().stopped(cell);
    }
  }
}

// Tasks that have ended are looked at twice, because what they wrote may come later than Slurm's
// word that they have ended.
void SlurmWatch::look_at_tasks() {
  std::map<TaskKey, SubmittedTask> ended;
  is_over_ = true;
  for (const size_t cell : grid_.distinct()) {
    grid_.records().absorb(cell);
    if (grid_.records().has_ended(cell)) continue;
    const std::string& name = grid_.cells().names[cell];
    const SubmittedTask* task = grid_.task_of(name);
    if (task != nullptr && !task->is_active())
      ended.try_emplace({task->submission->token(), task->index}, *task);
    if ((task != nullptr && task->is_active()) || leases_.is_held(name)) is_over_ = false;
  }
  for (const auto& [key, task] : ended) {
    if (settled_.contains(key)) continue;
    is_over_ = false;
    if (ended_.contains(key)) settle(task);
  }
  ended_.clear();
  for (const auto& [key, task] : ended) ended_.insert(key);
}

void SlurmWatch::tell_reasons() {
  static const std::set<std::string> usual = {
      "",           "None",      "Priority", "Resources", "JobArrayTaskLimit",
      "Dependency", "BeginTime", "Prolog",   "Cleaning"};
  for (const size_t cell : grid_.distinct()) {
    const SubmittedTask* task = grid_.task_of(grid_.cells().names[cell]);
    if (task == nullptr || !slurm::is_waiting(task->known.state)) continue;
    const std::string& reason = task->known.reason;
    if (!usual.contains(reason) && told_.insert(task->known.job + reason).second)
      grid_.note(text("Slurm has tasks of job ", task->known.job, " wait: ", shown(reason)));
  }
}

// Says what became of a task that ended without the result of each of its cells.
void SlurmWatch::settle(const SubmittedTask& task) {
  const auto cell = first_without_result(task.task());
  if (!cell) return;
  const std::string& state = task.known.state;
  const auto status = task.submission->exit_status(task.index);
  const std::string label = label_text(grid_.cells().grid.cells[*cell]);
  if (state != "CANCELLED" && (was_stopped(state) || was_interrupted(status))) {
    const std::string why = was_stopped(state) ? state : "a signal";
    if (requeue(task, label + " was stopped by " + why)) return;
  } else if (const std::string why = reason_of(state, status);
             state != "CANCELLED" && !why.empty()) {
    grid_.records().fail_cell(*cell, "expected a result, got none: the task " + why);
    grid_.records().absorb(*cell);
  }
  settled_.insert({task.submission->token(), task.index});
}

// Puts a task that was stopped into the queue again, unless it has not come further since the last
// time, or its time was too short for a first checkpoint. Returns whether it did.
bool SlurmWatch::requeue(const SubmittedTask& task, const std::string& why) {
  const bool had_its_time = task.known.state == "TIMEOUT" || task.known.state == "DEADLINE";
  const auto [earlier, is_first] = progress_.try_emplace({task.submission->token(), task.index});
  const std::string progress = progress_of(task.task());
  if (progress == earlier->second && (had_its_time || !is_first)) {
    grid_.note(why + (progress.empty() ? " before its first checkpoint"
                                       : " without a new checkpoint since it began again"));
    grid_.tell_log(task);
    return false;
  }
  try {
    slurm::requeue_task(task.known.job, task.index);
  } catch (const Error& error) {
    grid_.note(text(why, "; ", error.what()));
    return false;
  }
  grid_.note(why + " and is in the queue again, to " +
             (progress.empty() ? "begin anew" : "go on from its checkpoint"));
  earlier->second = progress;
  return true;
}

// Lists the folder of each cell, so that a network file system looks again for the result.
std::optional<size_t> SlurmWatch::first_without_result(const SlurmTask& task) {
  for (const std::string& name : task.cells) {
    const auto cell = grid_.records().index_of(name);
    if (!cell) continue;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(grid_.records().cells() / name, ignored))
      if (entry.path().filename() == "result.json") grid_.records().absorb(*cell);
    if (!grid_.records().has_ended(*cell)) return cell;
  }
  return std::nullopt;
}

// How far the cells of a task have come: another text wherever they have come further.
std::string SlurmWatch::progress_of(const SlurmTask& task) {
  std::string progress;
  for (const std::string& name : task.cells) {
    const auto cell = grid_.records().index_of(name);
    if (!cell) continue;
    const CellFiles files(grid_.records().cells(), name, grid_.cells().grid.cells[*cell]);
    if (fs::exists(files.result)) progress += "ended ";
    progress += time_of(files.checkpoint);
  }
  return progress;
}

}  // namespace submask
