// The names of the cells of a grid: hashes of everything that changes their results.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/error.h>
#include <submask/grid.h>

namespace submask {

// Why a cell cannot run: for example, its network or its data could not be opened.
struct CellError {
  ErrorKind kind;
  std::string message;
};

struct NamedCells {
  std::vector<std::string> names;           // by cell; of one with an error a hash of its command
  std::map<std::string, CellError> errors;  // by name
};

// Opens all networks and data sets. A cell that measures a cell with an error has an error too.
NamedCells name_cells(const Grid& grid);

// Throws the error of the first cell that has one.
void throw_first_error(const NamedCells& named);

// The labels of a cell in one line: "model resnet20, method fs, seed 0".
std::string label_text(const GridCell& cell);

// Removes all cells but the `wanted` ones and those that they measure. `wanted` has names or
// beginnings of names; throws invalid_argument for one with which not exactly one name begins.
void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names);

}  // namespace submask
