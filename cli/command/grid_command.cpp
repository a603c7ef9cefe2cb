// Grids of runs: `plan` lists the cells, `run` runs them, `merge` joins the results of several
// machines. grid_on_slurm.cpp has the subcommands that run them as jobs.
#include <cstdio>
#include <iostream>
#include <map>
#include <memory>
#include <set>

#include <submask/grid.h>

#include "base/fail.h"
#include "cli/command/commands.h"
#include "cli/command/grid_subcommands.h"
#include "cli/output/print.h"
#include "cli/output/progress_line.h"
#include "grid/cell_name.h"
#include "grid/cell_run.h"
#include "grid/results.h"
#include "grid/slurm_script.h"

namespace submask::cli {
namespace {

Json cell_json(const Grid& grid, const std::vector<std::string>& names,
               const std::filesystem::path& cells, size_t index) {
  const GridCell& cell = grid.cells[index];
  Json record = {{"id", names[index]},
                 {"command", command_line(linked_spec(grid, names, cells, index))}};
  for (const auto& [name, value] : cell.labels) record["labels"][name] = value;
  if (cell.after) record["after"] = names[*cell.after];
  return record;
}

// Tables and figures know a cell by its labels alone.
void note_like_labels(const GridCommand& command, const Grid& grid) {
  const auto words_without_seed = [](RunSpec spec) {
    spec.compute.seed = 0;
    return command_line(spec);
  };
  std::map<std::string, const RunSpec*> first_of;
  size_t alike = 0;
  std::string example;
  for (const GridCell& cell : grid.cells) {
    const std::string labels = label_text(cell);
    const auto [first, is_new] = first_of.emplace(labels, &cell.spec);
    if (is_new || words_without_seed(*first->second) == words_without_seed(cell.spec)) continue;
    if (++alike == 1) example = labels;
  }
  if (alike > 0)
    note(command, text(alike, alike == 1 ? " cell has" : " cells have",
                       " the labels of another cell, but other options: reports take them for one. "
                       "What differs has to be in a list; the first: ",
                       example));
}

void plan(const GridCommand& command, bool slurm) {
  const Grid grid = command.read();
  const std::vector<std::string> names = cell_names(grid);
  note_like_labels(command, grid);
  if (slurm) {
    std::cout << slurm_plan(command.file, command.cells, command.compute.threads.value_or(1), grid,
                            names)
              << std::flush;
    return;
  }
  const size_t runs = std::set<std::string>(names.begin(), names.end()).size();
  if (command.json) {
    Json cells = Json::array();
    for (size_t i = 0; i < names.size(); ++i)
      cells.push_back(cell_json(grid, names, cells_folder(command.cells, command.db), i));
    return print_result(command, {{"title", grid.title}, {"runs", runs}, {"cells", cells}});
  }
  for (size_t i = 0; i < names.size(); ++i)
    std::printf("%.12s  %s\n", names[i].c_str(), label_text(grid.cells[i]).c_str());
  std::printf("%zu cells, %zu runs\n", names.size(), runs);
  std::fflush(stdout);
}

// The command line that starts this program as a worker, which has its cells from run_grid().
std::vector<std::string> worker_words(const GridCommand& command, const GridOptions& options,
                                      const std::string& device, int threads) {
  // clang-format off
  return {"submask", "grid", "run", command.file, "--worker", "--cells", options.cells.string(),
          "--device", device, "--threads", std::to_string(threads)};
  // clang-format on
}

// The work of a process that another `grid run` has started.
void work(const GridOptions& options) {
  catch_interrupts();
  GridHooks hooks;
  hooks.tick = throw_if_interrupted;
  hooks.run = stoppable_runs();
  try {
    work_on_grid(options, hooks);
  } catch (const Error& error) {
    // The process that stopped this worker prints the message.
    if (error.kind() == ErrorKind::interrupted || error.kind() == ErrorKind::stopped)
      throw CLI::RuntimeError(130);
    throw;
  }
}

void run(const GridCommand& command) {
  GridOptions options = command.options();
  const Grid grid = command.read();
  options.worker_command = [&](const std::string& device, int threads) {
    return worker_words(command, options, device, threads);
  };
  const ShownGrid shown(command, options.jobs);
  const GridSummary summary = run_grid(grid, options, shown.hooks());
  print_result(command, {{"db", command.db}, {"cells", summary.cells}, {"runs", summary.runs}});
}

void add_plan(CLI::App& grid) {
  auto* command = grid.add_subcommand(
      "plan", "List the cells of a grid after checking them: options, networks and data");
  auto options = std::make_shared<GridCommand>();
  options->add_to(*command);
  options->add_file(*command);
  auto slurm = std::make_shared<bool>(false);
  command->add_flag("--slurm", *slurm,
                    "Print a job array for sbatch instead, a task for each cell and what is "
                    "measured on it");
  options->add_cells(*command);
  command->callback([options, slurm] { plan(*options, *slurm); });
}

void add_run(CLI::App& grid) {
  auto* command = grid.add_subcommand("run", "Run the cells of a grid that have no result yet");
  auto options = std::make_shared<GridCommand>();
  options->add_to(*command);
  options->add_file(*command);
  options->add_db(*command);
  options->add_cells(*command);
  options->add_choice(*command);
  command->add_option("--jobs", options->grid.jobs,
                      "Processes; --threads is for all of them together, and of --device "
                      "cuda:0,cuda:1 each has one in turn");
  // These two are for processes that this program starts itself, and are not in the help.
  auto worker = std::make_shared<bool>(false);
  command->add_flag("--worker", *worker)->group("");
  auto planned = std::make_shared<std::string>();
  command->add_option("--planned", *planned)->group("");
  command->callback([options, worker, planned] {
    if (*worker) return work(options->options());
    if (!planned->empty()) return run_planned(*options, *planned);
    run(*options);
  });
}

struct GridMergeOptions : SharedOptions {
  std::vector<std::string> files;
};

void add_merge(CLI::App& grid) {
  auto* command =
      grid.add_subcommand("merge", "Take the results of other databases over into the first");
  auto options = std::make_shared<GridMergeOptions>();
  options->add_to(*command);
  command->add_option("FILES", options->files, "Databases, the first of which is changed")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(2, -1);
  command->callback([options] {
    ResultsDatabase database(options->files.front());
    MergedCells all;
    for (size_t i = 1; i < options->files.size(); ++i) {
      const MergedCells merged = database.merge(options->files[i]);
      all.taken += merged.taken;
      all.different += merged.different;
      if (merged.different > 0)
        note(*options, text(merged.different, " cells have other results in ", options->files[i],
                            ": those of ", options->files.front(), " are kept"));
    }
    print_result(
        *options,
        {{"db", options->files.front()}, {"merged", all.taken}, {"different", all.different}});
  });
}

}  // namespace

void GridCommand::add_file(CLI::App& command) {
  command.add_option("FILE", file, "The grid, a TOML file")->required();
}

void GridCommand::add_db(CLI::App& command) {
  command.add_option("--db", db, "Database of results, made where there is none")
      ->type_name("FILE");
}

void GridCommand::add_cells(CLI::App& command) {
  command
      .add_option("--cells", cells,
                  "Folder of what the cells learn, which runners of one grid may share, also from "
                  "several machines with a database each; none: beside the database")
      ->type_name("DIR");
}

void GridCommand::add_choice(CLI::App& command) {
  command
      .add_option("--cell", grid.only,
                  "A cell by its name, as plan tells it, or the beginning of it, with the one that "
                  "it measures; several times for several; none: all of the grid")
      ->type_name("NAME");
  command.add_flag("--keep-going", grid.keep_going, "Run the others where a cell has failed");
  command.add_flag("--retry", grid.retry, "Run cells that failed before again");
}

Grid GridCommand::read() const {
  const ComputeSettings defaults;
  if (compute.seed != defaults.seed || compute.precision != defaults.precision)
    fail_argument("seed and precision in the grid's file, as options of its cells",
                  compute.seed != defaults.seed ? "--seed" : "--precision");
  return read_grid(file);
}

GridOptions GridCommand::options() const {
  if (db.empty()) fail_argument("--db FILE", "an empty name");
  GridOptions options = grid;
  options.db = db;
  options.cells = cells_folder(cells, db);
  options.threads = compute.threads;
  options.device = compute.device;
  return options;
}

ShownGrid::ShownGrid(const GridCommand& command, int jobs) {
  catch_interrupts();
  hooks_.chosen = [this, &command, jobs](const Grid& cells, const std::vector<std::string>& names) {
    note_like_labels(command, cells);
    progress_.emplace(command, cells, names, jobs);
  };
  hooks_.started = [this](size_t cell) { progress_->start(cell); };
  hooks_.stopped = [this](size_t cell) { progress_->stop(cell); };
  hooks_.ended = [this](size_t cell, bool done, const std::string& result) {
    progress_->end(cell, done, result);
  };
  hooks_.note = [this](const std::string& line) { progress_->say(line); };
  hooks_.tick = [this] {
    throw_if_interrupted();
    progress_->show();
  };
}

void add_grid_command(CLI::App& program) {
  auto* grid = program.add_subcommand("grid", "Many runs over combinations of settings");
  grid->require_subcommand(1);
  add_plan(*grid);
  add_run(*grid);
  add_submit_subcommand(*grid);
  add_watch_subcommand(*grid);
  add_cancel_subcommand(*grid);
  add_merge(*grid);
}

}  // namespace submask::cli
