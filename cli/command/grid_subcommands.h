// The subcommands of `submask grid`, and what they share.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include <submask/grid.h>

#include "cli/option/shared_options.h"
#include "cli/output/grid_progress.h"

namespace submask::cli {

struct GridCommand : SharedOptions {
  std::string file;
  GridOptions grid;
  std::string db = "results.sqlite", cells;

  void add_file(CLI::App& command);
  void add_db(CLI::App& command);
  void add_cells(CLI::App& command);
  void add_choice(CLI::App& command);  // --cell, --keep-going, --retry

  // Throws invalid_argument for --seed and --precision. Every command has them, but here they would
  // change nothing, because the grid's file sets them for each cell.
  Grid read() const;

  // What the library takes. Throws invalid_argument for an empty name of a database.
  GridOptions options() const;
};

// Hooks that show the cells of a grid on the terminal, and stop it at Ctrl-C.
class ShownGrid {
 public:
  // `command` must outlive this object.
  ShownGrid(const GridCommand& command, int jobs);

  const GridHooks& hooks() const { return hooks_; }

 private:
  GridHooks hooks_;
  std::optional<GridProgress> progress_;
};

// The cells of a task of a job array, which `grid submit` has written into a file.
void run_planned(const GridCommand& command, const std::string& planned);

void add_submit_subcommand(CLI::App& grid);
void add_watch_subcommand(CLI::App& grid);
void add_cancel_subcommand(CLI::App& grid);

}  // namespace submask::cli
