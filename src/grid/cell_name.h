// The names of the cells of a grid: hashes of everything that changes their results.
#pragma once

#include <map>
#include <string>
#include <vector>

#include <submask/error.h>
#include <submask/grid.h>

#include "run/opened.h"

namespace submask {

// Why a cell cannot run: for example, its network or its data could not be opened.
struct CellError {
  ErrorKind kind;
  std::string message;
};

struct NamedCells {
  // By cell. The name of a cell with an error is a hash of its command line.
  std::vector<std::string> names;
  std::map<std::string, CellError> errors;  // by name
};

// The name of a cell with the spec `spec`, by the networks and data that are open and what the
// files hold now. `after` is the name of the cell that it measures; "": none. Throws as opening
// does.
std::string cell_name(int64_t version, const RunSpec& spec, const std::string& after,
                      Opened& opened);

// Opens all networks and data sets, because names depend on their content. A cell that measures a
// cell with an error has an error too.
NamedCells name_cells(const Grid& grid);

// Throws the error of the first cell that has one.
void throw_first_error(const NamedCells& named);

// The labels of a cell in one line: "model resnet20, method fs, seed 0".
std::string label_text(const GridCell& cell);

// Removes all cells except those that are wanted and those that they measure. `wanted` has names or
// beginnings of names. Throws invalid_argument for a beginning that no name or several names have.
void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names);

}  // namespace submask
