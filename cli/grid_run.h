// `submask grid run`: worker processes over the cells of a grid, and what they find in a database.
#pragma once

#include <string>
#include <vector>

#include "cli/grid_file.h"
#include "cli/option/shared_options.h"

namespace submask::cli {

struct GridRunOptions {
  SharedOptions shared;
  std::string file;
  std::string db = "results.sqlite";
  std::string cells;              // the folder that runners share; "": beside the database
  std::vector<std::string> only;  // cells by their names or beginnings of them; none: all
  int jobs = 1;
  bool keep_going = false, retry = false;
  bool worker = false;  // one of the processes, which the command starts itself
};

void run_grid(const GridRunOptions& options);

}  // namespace submask::cli
