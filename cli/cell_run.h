// Runs single cells of a grid in one process, which keeps backbones and features for the next.
#pragma once

#include <filesystem>
#include <string>

#include "cli/cell_names.h"
#include "grid/results.h"

namespace submask::cli {

// Where runners keep a cell's work, in the folder that they share: result.json when it has ended,
// what it learned; until then its checkpoint and epochs.
struct CellPlaces {
  CellPlaces(const std::filesystem::path& cells, const std::string& id, const GridCell& cell);

  std::filesystem::path folder, result, learned, checkpoint, epochs;
};

class CellRunner {
 public:
  CellRunner(const Grid& grid, const std::vector<std::string>& names, std::filesystem::path cells,
             const SharedOptions& shared)
      : grid_(grid), names_(names), cells_(std::move(cells)), shared_(shared) {}

  CellPlaces places(size_t cell) const { return {cells_, names_[cell], grid_.cells[cell]}; }

  // Runs a cell and writes its result file, also where it fails. Throws Error interrupted, after a
  // checkpoint.
  void run(size_t cell);

 private:
  // Of a cell's command, with `own` beside what the grid says.
  template <typename Options>
  std::unique_ptr<Options> options_of(size_t cell, Arguments own) const;
  Json learn(size_t cell, std::vector<EpochMetrics>& epochs);
  Json learn_cascade(size_t cell);
  Json measure(size_t cell);

  const Grid& grid_;
  const std::vector<std::string>& names_;
  std::filesystem::path cells_;
  const SharedOptions& shared_;
  LoadedBackbones backbones_;
  OpenedData data_;
};

}  // namespace submask::cli
