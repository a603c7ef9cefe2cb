#include "grid/slurm_task.h"

#include "base/fail.h"
#include "base/file.h"
#include "grid/cell_name.h"
#include "grid/grid_worker.h"
#include "grid/planned_cells.h"
#include "grid/results.h"

namespace submask {

void run_slurm_task(const std::filesystem::path& file, const std::string& job,
                    const GridOptions& options, const GridHooks& hooks) {
  const std::string bytes = read_text_file(file);
  PlannedCells cells = read_planned_cells({bytes.begin(), bytes.end()}, file.string());
  keep_cells(options.only, cells.grid, cells.names);
  if (hooks.chosen) hooks.chosen(cells.grid, cells.names);
  GridWorker worker(cells.grid, cells.names, options.cells,
                    {.threads = options.threads, .device = options.device}, job);
  size_t failed = 0;
  WorkerHooks worker_hooks;
  worker_hooks.started = hooks.started;
  worker_hooks.ended = [&](size_t cell) {
    const CellFiles files(options.cells, cells.names[cell], cells.grid.cells[cell]);
    const CellResult result = read_cell_file(files.result).cell;
    failed += !result.done;
    if (hooks.ended) hooks.ended(cell, result.done, result.done ? result.result : result.error);
    return true;
  };
  worker_hooks.tick = hooks.tick;
  worker_hooks.run = hooks.run;
  worker.run(worker_hooks);
  if (failed > 0) fail(ErrorKind::unavailable, failed, " of ", cells.names.size(), " cells failed");
}

}  // namespace submask
