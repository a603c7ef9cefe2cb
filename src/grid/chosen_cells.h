// The cells of a grid that are to run, by GridOptions::only.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "grid/cell_name.h"
#include "grid/results.h"

namespace submask {

struct ChosenCells {
  Grid grid;                                // of these cells only
  std::vector<std::string> names;           // of these cells
  std::vector<GridEntry> entries;           // of the whole grid
  std::map<std::string, CellError> errors;  // by name, of the whole grid
};

// Opens all networks and data sets, because names depend on their content. Throws the first error
// of a cell, unless options.keep_going.
ChosenCells choose_cells(const Grid& grid, const GridOptions& options);

}  // namespace submask
