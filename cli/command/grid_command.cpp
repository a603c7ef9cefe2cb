// Grids of runs: `plan` lists the cells, `run` runs them, `merge` joins what several machines
// found.
#include <cstdio>
#include <iostream>
#include <memory>
#include <set>

#include "cli/cell_names.h"
#include "cli/command/commands.h"
#include "cli/grid_run.h"
#include "cli/output/slurm_script.h"
#include "grid/results.h"

namespace submask::cli {
namespace {

Json cell_json(const Grid& grid, const std::vector<std::string>& names, size_t place) {
  const GridCell& cell = grid.cells[place];
  Json record = {{"id", names[place]}, {"command", cell.command}, {"arguments", cell.arguments}};
  for (const auto& [name, value] : cell.labels) record["labels"][name] = value;
  if (cell.after) record["after"] = names[*cell.after];
  return record;
}

void plan(const GridRunOptions& options, bool slurm) {
  options.shared.apply();
  const Grid grid = read_grid(options.file, command_options());
  const std::vector<std::string> names = name_cells(grid);
  if (slurm) {
    std::cout << slurm_script(options, grid, names) << std::flush;
    return;
  }
  const size_t runs = std::set<std::string>(names.begin(), names.end()).size();
  if (options.shared.json) {
    Json cells = Json::array();
    for (size_t i = 0; i < names.size(); ++i) cells.push_back(cell_json(grid, names, i));
    return print_result(options.shared, {{"title", grid.title}, {"runs", runs}, {"cells", cells}});
  }
  for (size_t i = 0; i < names.size(); ++i)
    std::printf("%.12s  %s\n", names[i].c_str(), label_text(grid.cells[i]).c_str());
  std::printf("%zu cells, %zu runs\n", names.size(), runs);
  std::fflush(stdout);
}

void add_cells_option(CLI::App& command, GridRunOptions& options) {
  command
      .add_option("--cells", options.cells,
                  "Folder of what the cells learn, which runners of one grid may share, also from "
                  "several machines with a database each; none: beside the database")
      ->type_name("DIR");
}

void add_plan(CLI::App& grid) {
  auto* command = grid.add_subcommand(
      "plan", "List the cells of a grid after checking them: options, networks and data");
  auto options = std::make_shared<GridRunOptions>();
  options->shared.add_to(*command);
  command->add_option("FILE", options->file, "The grid, a TOML file")->required();
  auto slurm = std::make_shared<bool>(false);
  command->add_flag("--slurm", *slurm,
                    "Print a job array for sbatch instead, a task for each cell and what is "
                    "measured on it");
  add_cells_option(*command, *options);
  command->callback([options, slurm] { plan(*options, *slurm); });
}

void add_run(CLI::App& grid) {
  auto* command = grid.add_subcommand("run", "Run the cells of a grid that have no result yet");
  auto options = std::make_shared<GridRunOptions>();
  options->shared.add_to(*command);
  command->add_option("FILE", options->file, "The grid, a TOML file")->required();
  command->add_option("--db", options->db, "Database of results, made where there is none")
      ->type_name("FILE");
  add_cells_option(*command, *options);
  command
      ->add_option(
          "--cell", options->only,
          "A cell by its name, as plan tells it, or the beginning of it, with the one that "
          "it measures; several times for several; none: all of the grid")
      ->type_name("NAME");
  command->add_option("--jobs", options->jobs,
                      "Processes; --threads is for all of them together, and of --device "
                      "cuda:0,cuda:1 each has one in turn");
  command->add_flag("--keep-going", options->keep_going, "Run the others where a cell has failed");
  command->add_flag("--retry", options->retry, "Run cells that failed before again");
  command->add_flag("--worker", options->worker)->group("");  // not in the help
  command->callback([options] { run_grid(*options); });
}

struct GridMergeOptions {
  SharedOptions shared;
  std::vector<std::string> files;
};

void add_merge(CLI::App& grid) {
  auto* command =
      grid.add_subcommand("merge", "Take the results of other databases over into the first");
  auto options = std::make_shared<GridMergeOptions>();
  options->shared.add_to(*command);
  command->add_option("FILES", options->files, "Databases, the first of which is changed")
      ->required()
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->expected(2, -1);
  command->callback([options] {
    ResultsDatabase database(options->files.front());
    int64_t taken = 0;
    for (size_t i = 1; i < options->files.size(); ++i) taken += database.merge(options->files[i]);
    print_result(options->shared, {{"db", options->files.front()}, {"merged", taken}});
  });
}

}  // namespace

void add_grid_command(CLI::App& program) {
  auto* grid = program.add_subcommand("grid", "Many runs over combinations of settings");
  grid->require_subcommand(1);
  add_plan(*grid);
  add_run(*grid);
  add_merge(*grid);
}

}  // namespace submask::cli
