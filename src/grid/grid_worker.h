// Runs cells that no other worker has taken, one after another.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "grid/cell_run.h"
#include "grid/run_lease.h"

namespace submask {

struct WorkerHooks {
  std::function<void(size_t cell)> started;
  std::function<bool(size_t cell)> ended;  // returns false to stop the worker
  // Called between cells, and while other workers hold the cells that are left. May throw, to stop.
  std::function<void()> tick;
  RunHooks run;
};

class GridWorker {
 public:
  // `grid` and `names` must outlive this object. `job` is that of its leases (LeaseOptions).
  GridWorker(const Grid& grid, const std::vector<std::string>& names,
             const std::filesystem::path& cells, const ComputeSettings& compute,
             const std::string& job = "");

  // Returns when all cells have results, except those that measure a cell that failed: these cannot
  // run. Waits for cells that other workers hold.
  void run(const WorkerHooks& hooks);

 private:
  enum class CellState { ended, ready, waiting, never };  // never: it measures a cell that failed
  enum class Outcome { ran, held, stop };                 // held: by another worker

  CellState state_of(size_t cell);
  Outcome take_and_run(size_t cell, const WorkerHooks& hooks);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  LeaseFolder leases_;
  CellRunner runner_;
  std::set<std::string> ended_;  // names of cells that are known to have a result
};

}  // namespace submask
