// What cells of a grid are called, by what gives them their numbers.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/error.h>
#include <submask/grid.h>

namespace submask {

// Of a cell whose network or data could not be opened.
struct CellError {
  ErrorKind kind;
  std::string message;
};

struct NamedCells {
  std::vector<std::string> names;           // of each cell; with an error a hash of its command
  std::map<std::string, CellError> errors;  // by name
};

// A cell that measures one with an error has one too.
NamedCells name_cells(const Grid& grid);

// Throws the first error there is.
void throw_error_of(const NamedCells& named);

// "model resnet20, method fs, seed 0"
std::string label_text(const GridCell& cell);

// Leaves of a grid the cells that are `wanted`, by their names or beginnings of them, and those
// that they measure. Throws invalid_argument for one that none or several have.
void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names);

}  // namespace submask
