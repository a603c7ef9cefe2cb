// Grids as job arrays of Slurm: `submit` gives the cells to it and watches them, `watch` watches
// them again, `cancel` takes them out of its queue.
#include <cstdlib>
#include <memory>

#include "base/fail.h"
#include "cli/command/grid_subcommands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/progress_line.h"
#include "grid/cell_name.h"
#include "grid/results.h"
#include "grid/slurm_grid.h"
#include "grid/slurm_task.h"
#include "grid/slurm_watch.h"

namespace submask::cli {
namespace {

struct SubmitCommand : GridCommand {
  SlurmSettings slurm;
  bool detach = false;
};

// The watcher may go at any time: what it would have done, the next one does.
GridSummary watch_to_the_end(const GridCommand& command, SlurmGrid& grid) {
  try {
    return SlurmWatch(grid).run();
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::interrupted)
      note(command,
           "The tasks go on; submask grid watch shows them again, submask grid cancel "
           "ends them");
    throw;
  }
}

void print_summary(const GridCommand& command, const GridSummary& summary, Json record) {
  record["db"] = command.db;
  record["cells"] = summary.cells;
  record["runs"] = summary.runs;
  print_result(command, record);
}

void submit(const SubmitCommand& command) {
  const GridOptions options = command.options();
  const Grid cells = command.read();
  const ShownGrid shown(command, options.jobs);
  SlurmGrid grid(cells, options, shown.hooks());
  const SubmittedCells submitted = grid.submit(command.slurm, command.file);
  const Json record = {{"jobs", submitted.jobs},
                       {"tasks", submitted.tasks},
                       {"submitted", submitted.cells},
                       {"queued", submitted.queued}};
  if (command.detach) return print_result(command, record);
  for (const std::string& job : submitted.jobs) note(command, "Slurm has job " + job);
  print_summary(command, watch_to_the_end(command, grid), record);
}

void watch(const GridCommand& command, bool once) {
  const GridOptions options = command.options();
  const std::string title = command.read().title;
  const ShownGrid shown(command, options.jobs);
  SlurmGrid grid(title, options, shown.hooks());
  if (!once) return print_summary(command, watch_to_the_end(command, grid), Json::object());
  const CellCounts counts = SlurmWatch(grid).count();
  print_result(command, {{"done", counts.done},
                         {"running", counts.running},
                         {"waiting", counts.waiting},
                         {"failed", counts.failed},
                         {"left", counts.left}});
}

// The task's number, which is one in the whole cluster; "": this process is no task of Slurm.
std::string slurm_job() {
  const char* const job = std::getenv("SLURM_JOB_ID");
  const char* const cluster = std::getenv("SLURM_CLUSTER_NAME");
  if (job == nullptr) return "";
  return text(cluster == nullptr ? "" : cluster, ":", job);
}

}  // namespace

void run_planned(const GridCommand& command, const std::string& planned) {
  catch_interrupts();
  GridHooks hooks;
  Grid grid;
  hooks.chosen = [&](const Grid& cells, const std::vector<std::string>&) { grid = cells; };
  hooks.started = [&](size_t cell) { note(command, label_text(grid.cells[cell])); };
  hooks.ended = [&](size_t, bool done, const std::string& result) {
    note(command, done ? "done" : "failed: " + result);
  };
  hooks.tick = throw_if_interrupted;
  hooks.run = stoppable_runs();
  run_slurm_task(planned, slurm_job(), command.options(), hooks);
}

void add_submit_subcommand(CLI::App& grid) {
  auto* command = grid.add_subcommand(
      "submit", "Give the cells that have no result yet to Slurm as a job array, and watch them");
  auto options = std::make_shared<SubmitCommand>();
  options->grid.jobs = 0;
  options->add_to(*command);
  options->add_file(*command);
  options->add_db(*command);
  options->add_cells(*command);
  options->add_choice(*command);
  command->add_option("--jobs", options->grid.jobs,
                      "Most tasks that run at the same time, with --threads cores each; 0: any "
                      "number");
  command->add_flag("--detach", options->detach,
                    "Return once Slurm has the cells; submask grid watch takes their results over");
  add_field_options(*command, slurm_fields(), options->slurm);
  command->callback([options] { submit(*options); });
}

void add_watch_subcommand(CLI::App& grid) {
  auto* command = grid.add_subcommand(
      "watch", "Take over the results of a submitted grid until its last task has ended");
  auto options = std::make_shared<GridCommand>();
  options->grid.jobs = 0;
  options->add_to(*command);
  options->add_file(*command);
  options->add_db(*command);
  options->add_cells(*command);
  auto once = std::make_shared<bool>(false);
  command->add_flag("--once", *once,
                    "Only say how many cells are done, running, waiting, failed "
                    "and left without a task");
  command->callback([options, once] { watch(*options, *once); });
}

void add_cancel_subcommand(CLI::App& grid) {
  auto* command = grid.add_subcommand(
      "cancel", "Take the tasks of a submitted grid out of Slurm's queue; results stay");
  auto options = std::make_shared<GridCommand>();
  options->add_to(*command);
  options->add_file(*command);
  options->add_db(*command);
  options->add_cells(*command);
  command->callback([options] {
    const size_t tasks = cancel_tasks(options->options().cells, options->read().title);
    print_result(*options, {{"cancelled", tasks}});
  });
}

}  // namespace submask::cli
