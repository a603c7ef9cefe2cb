// The cells of a running grid as bytes, by which run_grid() hands them to its workers, and
// SlurmGrid to its tasks. So these run the cells that were planned, whatever has become of the
// grid's file meanwhile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <submask/grid.h>

namespace submask {

struct PlannedCells {
  Grid grid;  // of the cells to run, without a title
  std::vector<std::string> names;
};

// CBOR, because paths may have bytes that are no UTF-8.
std::vector<uint8_t> write_planned_cells(const Grid& grid, const std::vector<std::string>& names);

// Throws corrupt_file, with the place that they came from, for other bytes than those.
PlannedCells read_planned_cells(const std::vector<uint8_t>& bytes,
                                const std::string& place = "standard input");

}  // namespace submask
