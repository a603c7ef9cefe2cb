// Runs cells, one after another, that no other worker has taken.
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
  // False: no more cells are wanted.
  std::function<bool(size_t cell)> ended;
  std::function<void()> tick;  // between cells and while others hold what is left; may throw
  RunHooks run;
};

class GridWorker {
 public:
  // `grid` and `names` must outlive it.
  GridWorker(const Grid& grid, const std::vector<std::string>& names,
             const std::filesystem::path& cells, const ComputeSettings& compute);

  // Until nothing is left that other workers do not hold. A cell that needs one that failed is
  // left.
  void run(const WorkerHooks& hooks);

 private:
  enum class Outlook { ended, ready, waiting, never };
  enum class Outcome { ran, held, enough };

  Outlook outlook_of(size_t cell);
  Outcome take_and_run(size_t cell, const WorkerHooks& hooks);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  LeaseFolder leases_;
  CellRunner runner_;
  std::set<std::string> ended_;
};

}  // namespace submask
