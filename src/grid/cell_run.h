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

// Returns the spec of a cell. Where the cell measures what another cell learned, the spec names the
// file of that cell.
RunSpec linked_spec(const Grid& grid, const std::vector<std::string>& names,
                    const std::filesystem::path& cells, size_t cell);

class CellRunner {
 public:
  // `grid` and `names` must outlive this object. Every cell runs with the threads of `compute`, and
  // a cell that names no device runs on the device of `compute`.
  CellRunner(const Grid& grid, const std::vector<std::string>& names, std::filesystem::path cells,
             ComputeSettings compute)
      : grid_(grid), names_(names), cells_(std::move(cells)), compute_(std::move(compute)) {}

  CellFiles files(size_t cell) const { return {cells_, names_[cell], grid_.cells[cell]}; }

  // Runs a cell and writes its result file, also where the cell fails. It fails where its network,
  // images or files are not those that gave it its name, and then keeps nothing of what it learned.
  // Throws interrupted where a hook stopped it, after a checkpoint; then there is no result file.
  void run(size_t cell, const RunHooks& hooks);

 private:
  void set_compute(RunSpec& spec) const;
  RunSpec spec_to_run(size_t cell) const;
  void check_name(size_t cell);
  ResultJson run_named(size_t cell, const RunHooks& hooks, std::vector<EpochMetrics>& epochs);
  ResultJson run_with_epochs(size_t cell, const RunHooks& hooks, std::vector<EpochMetrics>& epochs);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  std::filesystem::path cells_;
  ComputeSettings compute_;
  Opened opened_;
};

}  // namespace submask
