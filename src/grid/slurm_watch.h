// Watches the tasks of a grid until they end.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "grid/run_lease.h"
#include "grid/slurm_grid.h"

namespace submask {

// What the cells are doing, each name once.
struct CellCounts {
  size_t done = 0, failed = 0, running = 0;
  size_t waiting = 0;  // in the queue, or in a task that runs another cell first
  size_t left = 0;     // without a result and a task
};

class SlurmWatch {
 public:
  explicit SlurmWatch(SlurmGrid& grid)
      : grid_(grid), leases_(grid.records().cells()), began_(Clock::now()) {}

  // Takes results over as they come, and puts tasks into the queue again that were stopped. Returns
  // when all cells have results. Throws unavailable where a cell failed, or where some have neither
  // a result nor a task.
  GridSummary run();

  // What the cells are doing now.
  CellCounts count();

 private:
  using Clock = std::chrono::steady_clock;
  using TaskKey = std::pair<std::string, size_t>;  // token and index

  bool is_due() const;
  void look_at_queue();
  void look_at_cells();
  void look_at_tasks();
  void tell_reasons();
  void settle(const SubmittedTask& task);
  bool requeue(const SubmittedTask& task, const std::string& why);
  std::optional<size_t> first_without_result(const SlurmTask& task);
  std::string progress_of(const SlurmTask& task);

  SlurmGrid& grid_;
  LeaseFolder leases_;
  const Clock::time_point began_;
  std::optional<Clock::time_point> looked_;  // at the queue
  bool answers_ = true;                      // whether Slurm did then
  bool is_over_ = false;                     // no cell without a result has a task any more
  std::set<std::string> running_;            // cells with a lease
  std::set<TaskKey> ended_;                  // tasks that had ended without all results
  std::set<TaskKey> settled_;                // those of which no more is to come
  std::map<TaskKey, std::string> progress_;  // of tasks that were put into the queue again
  std::set<std::string> told_;               // reasons why tasks wait
};

}  // namespace submask
