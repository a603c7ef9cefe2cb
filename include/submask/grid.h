// Grids: many runs over combinations of settings. Each run is done once, and a database keeps its
// result (docs/grids.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <submask/run.h>

namespace submask {

struct GridCell {
  RunSpec spec;
  // Names and values for tables: of each axis, of the method ("ssl-fs + lp"), of swept options.
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<size_t> after;  // index of an earlier cell; this cell measures what it learned
  // Where a file sets options of the spec, by their names: "grid.toml, line 7". For errors alone.
  std::map<std::string, std::string> places = {};
};

struct Grid {
  std::string title;
  int64_t version = 1;  // raise it when a new submask gives other numbers for the same settings
  std::vector<GridCell> cells;
};

// The largest number of cells of a grid, unless the caller gives another limit.
constexpr size_t usual_cell_limit = 1'000'000;

// Reads a grid's TOML file. Throws corrupt_file, with the line and for an unknown name the nearest
// one, and invalid_argument for more cells than `cell_limit` and for a value that an option may not
// have, with the cell and the line.
Grid read_grid(const std::filesystem::path& path, size_t cell_limit = usual_cell_limit);

// A name for each cell: 64 hexadecimal digits, a hash of everything that changes its result. Cells
// with the same name are run once. This opens all networks and data sets, so that a mistake in any
// cell shows before the first one is run; throws as opening them does, with the cell.
std::vector<std::string> cell_names(const Grid& grid);

struct GridOptions {
  std::filesystem::path db = "results.sqlite";  // created where it is missing
  // Folder for the results of cells and for what they learn. Several processes may share it, also
  // on several machines where each has its own database. "": DB.cells.
  std::filesystem::path cells;
  std::vector<std::string> only;  // names of cells, or beginnings of names; empty: all cells
  bool keep_going = false;        // go on with other cells after one has failed
  bool retry = false;             // run cells again that failed before
  // All cells that run at the same time share these threads. Not set: one for each core.
  std::optional<int> threads;
  std::string device = "cpu";  // of cells that name none; by commas, the processes take turns
  // The number of processes that run cells. Each is a new process of this program with the words of
  // worker_command (the first is the program's name), and has to call work_on_grid(), which reads
  // the cells from its standard input. Where worker_command is empty, cells run in this process,
  // one after another.
  int jobs = 1;
  std::function<std::vector<std::string>(const std::string& device, int threads)> worker_command;
};

// Every hook may be empty.
struct GridHooks {
  // Called before the first cell starts, with the cells to run and their names. The other hooks get
  // indices of these cells.
  std::function<void(const Grid& cells, const std::vector<std::string>& names)> chosen;
  std::function<void(size_t cell)> started;
  // A cell that had started was stopped without a result, and may start again: of cells that run
  // as tasks of Slurm.
  std::function<void(size_t cell)> stopped;
  // Also called for results that were known before. `result` is a JSON object, "" where `done` is
  // false: the cell failed.
  std::function<void(size_t cell, bool done, const std::string& result)> ended;
  // Called between cells and, while run_grid() waits for other processes, several times a second.
  // May throw, to stop.
  std::function<void()> tick;
  std::function<void(const std::string& line)> note;  // what users may not expect
  RunHooks run;                                       // for cells that run in this process
};

struct GridSummary {
  size_t cells = 0;  // that were to run
  size_t runs = 0;   // distinct ones; all have results now
};

// Runs the cells that have no result yet. If the process is killed, the same call goes on later.
// Throws unavailable where cells failed or were left without a result, as cell_names() (only
// without keep_going), and as reading and writing results does.
GridSummary run_grid(const Grid& grid, const GridOptions& options, const GridHooks& hooks = {});

// The work of one process of run_grid(): reads the cells that run_grid() writes to its standard
// input, runs those that no other process has taken until none is left, and writes a line to
// standard output when a cell starts and ends. Of the options it takes cells, threads and device.
void work_on_grid(const GridOptions& options, const GridHooks& hooks);

}  // namespace submask
