// Runs cells of a grid in one process, which keeps networks and data open for the next cell.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "grid/results.h"
#include "run/opened.h"

namespace submask {

// The paths of a cell's files in the folder that all runners share. `result` exists when the cell
// has ended, and `learned` is what it learned; `checkpoint` and `epochs` are removed when it is
// done.
struct CellFiles {
  CellFiles(const std::filesystem::path& cells, const std::string& name, const GridCell& cell);

  std::filesystem::path folder, result, learned, checkpoint, epochs;
};

// The spec of a cell, which measures the file that another cell learned where it has one.
RunSpec linked_spec(const Grid& grid, const std::vector<std::string>& names,
                    const std::filesystem::path& cells, size_t cell);

class CellRunner {
 public:
  // `grid` and `names` must outlive it. `compute` has the threads of every cell, and the device of
  // cells that name none.
  CellRunner(const Grid& grid, const std::vector<std::string>& names, std::filesystem::path cells,
             ComputeSettings compute)
      : grid_(grid), names_(names), cells_(std::move(cells)), compute_(std::move(compute)) {}

  CellFiles files(size_t cell) const { return {cells_, names_[cell], grid_.cells[cell]}; }

  // Runs a cell and writes its result file, also where the cell fails. Throws interrupted where a
  // hook stopped it, after a checkpoint; then there is no result file.
  void run(size_t cell, const RunHooks& hooks);

 private:
  RunSpec spec_to_run(size_t cell) const;
  ResultJson run_with_epochs(size_t cell, const RunHooks& hooks, std::vector<EpochMetrics>& epochs);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  std::filesystem::path cells_;
  ComputeSettings compute_;
  Opened opened_;
};

}  // namespace submask
