// Grids: many runs over combinations of settings, each done once, with their results in a
// database (docs/grids.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <submask/run.h>

namespace submask {

struct GridCell {
  RunSpec spec;
  // What it is called in tables: its value on each axis, method ("ssl-fs + lp"), swept options.
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<size_t> after;  // the cell, before this one, whose task it measures
};

struct Grid {
  std::string title;
  int64_t version = 1;  // raised by hand where the same settings begin to give other numbers
  std::vector<GridCell> cells;
};

// A grid's TOML file. Throws corrupt_file, naming the line and, for a name that nothing has, the
// nearest one; invalid_argument for a value that an option may not have, naming the cell.
Grid read_grid(const std::filesystem::path& path);

// A name for each cell, by what gives it its numbers: 64 hexadecimal digits. Cells of one name are
// run once. Opens all networks and data sets, so that a mistake in any cell shows before the first
// is run; throws as that does, naming the cell.
std::vector<std::string> cell_names(const Grid& grid);

struct GridOptions {
  std::filesystem::path db = "results.sqlite";  // made where there is none
  // Folder of what the cells learn, which runners may share, also from several machines with a
  // database each; "": beside the database.
  std::filesystem::path cells;
  std::vector<std::string> only;  // cells by their names or beginnings of them; none: all
  bool keep_going = false;        // run the others where a cell has failed
  bool retry = false;             // run cells that failed before again
  // Threads of all cells that run at a time together, and the device of cells that name none.
  std::optional<int> threads;
  std::string device = "cpu";
  // Processes that run cells, each started by the words that worker_command gives for a device and
  // a number of threads, the first of which is the program; it has to call work_on_grid(). None:
  // cells run in this process, one after another.
  int jobs = 1;
  std::function<std::vector<std::string>(const std::string& device, int threads)> worker_command;
};

// All may be empty.
struct GridHooks {
  // Before the first cell: those to run, to which indices refer from then on, and their names.
  std::function<void(const Grid& cells, const std::vector<std::string>& names)> chosen;
  std::function<void(size_t cell)> started;
  // `result`: what the run came to as JSON, "" where it failed; also what was known before.
  std::function<void(size_t cell, bool done, const std::string& result)> ended;
  std::function<void()> tick;  // several times a second; may throw, to stop
  RunHooks run;                // of the cells that run in this process
};

struct GridSummary {
  size_t cells = 0;  // of the grid
  size_t runs = 0;   // distinct ones, all of which have results now
};

// Runs the cells that have no result yet. Killed at any moment, the same call goes on. Throws
// unavailable where cells failed or none could be run, and as reading and writing results does.
GridSummary run_grid(const Grid& grid, const GridOptions& options, const GridHooks& hooks = {});

// What a process of run_grid() does: runs cells that no other has taken until nothing is left, and
// tells of them on standard output.
void work_on_grid(const Grid& grid, const GridOptions& options, const GridHooks& hooks);

}  // namespace submask
