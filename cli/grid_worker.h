// The processes of `submask grid run`: each runs cells, one after another, that no other has taken.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/grid_file.h"
#include "cli/option/shared_options.h"

namespace submask::cli {

// Runs what can be run, until nothing is left that other workers do not hold. A cell that needs one
// that failed is left. Tells its parent on stdout, a line each: "start ID", "end ID".
void work(const Grid& grid, const std::vector<std::string>& names,
          const std::filesystem::path& cells, const SharedOptions& shared);

}  // namespace submask::cli
