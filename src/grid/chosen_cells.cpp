#include "grid/chosen_cells.h"

namespace submask {

ChosenCells choose_cells(const Grid& grid, const GridOptions& options) {
  NamedCells named = name_cells(grid);
  if (!options.keep_going) throw_first_error(named);
  ChosenCells chosen{grid, named.names, {}, named.errors};
  for (size_t i = 0; i < grid.cells.size(); ++i)
    chosen.entries.push_back({named.names[i], grid.cells[i].labels});
  if (!options.only.empty()) keep_cells(options.only, chosen.grid, chosen.names);
  return chosen;
}

}  // namespace submask
