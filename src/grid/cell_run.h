// Runs single cells of a grid in one process, which keeps networks, data and features for the next.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "grid/results.h"
#include "run/opened.h"

namespace submask {

// Where runners keep a cell's work, in the folder that they share: result.json when it has ended,
// what it learned; until then its checkpoint and epochs.
struct CellFiles {
  CellFiles(const std::filesystem::path& cells, const std::string& name, const GridCell& cell);

  std::filesystem::path folder, result, learned, checkpoint, epochs;
};

class CellRunner {
 public:
  // `grid` and `names` must outlive it. `compute`: the threads of every cell, and the device of
  // those that name none.
  CellRunner(const Grid& grid, const std::vector<std::string>& names, std::filesystem::path cells,
             ComputeSettings compute)
      : grid_(grid), names_(names), cells_(std::move(cells)), compute_(std::move(compute)) {}

  CellFiles files(size_t cell) const { return {cells_, names_[cell], grid_.cells[cell]}; }

  // Runs a cell and writes its result file, also where it fails. Throws Error interrupted, after a
  // checkpoint.
  void run(size_t cell, const RunHooks& hooks);

 private:
  RunSpec spec_to_run(size_t cell) const;
  ResultJson run_logged(size_t cell, const RunHooks& hooks, std::vector<EpochMetrics>& epochs);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  std::filesystem::path cells_;
  ComputeSettings compute_;
  Opened opened_;
};

}  // namespace submask
