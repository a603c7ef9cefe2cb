// Grids that run in this process while what they were planned on changes.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <submask/grid.h>

#include "error_of.h"
#include "grid/planned_cells.h"
#include "grid/results.h"
#include "run/run_fields.h"
#include "run/small_runs.h"

namespace submask {
namespace {
namespace fs = std::filesystem;

const char* const changed_inputs =
    "expected the network, images and files by which the cell was named, got others: one has "
    "changed since the grid began";

class GridRun : public testing::Test {
 protected:
  // A cell for each seed.
  static Grid grid_of(RunKind kind, const Assignments& options, int seeds) {
    Grid grid;
    grid.title = "grid";
    for (int seed = 0; seed < seeds; ++seed) {
      RunSpec spec = new_spec(kind);
      assign(spec, {{"backbone", {"resnet20"}}, {"seed", {std::to_string(seed)}}});
      if (kind == RunKind::learn) assign(spec, {{"epochs", {"1"}}, {"batch-size", {"4"}}});
      assign(spec, options);
      grid.cells.push_back({spec, {{"seed", std::to_string(seed)}}, {}});
    }
    return grid;
  }

  // Of each cell "done" or its error. `before_cell` is called when a cell starts.
  std::vector<std::string> run(const Grid& grid, const std::function<void(size_t)>& before_cell) {
    GridHooks hooks;
    std::vector<std::string> names;
    hooks.chosen = [&](const Grid&, const std::vector<std::string>& chosen) { names = chosen; };
    hooks.started = before_cell;
    GridOptions options = options_;
    options.keep_going = true;
    try {
      run_grid(grid, options, hooks);
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), ErrorKind::unavailable);
    }
    std::vector<std::string> results;
    const ResultsDatabase database(db_);
    for (const std::string& name : names) {
      const auto cell = database.find(name);
      results.push_back(!cell ? "none" : cell->done ? "done" : cell->error);
    }
    return results;
  }

  std::string copy(const std::string& file, const std::string& name) const {
    const fs::path path = folder_ / name;
    fs::remove(path);
    fs::copy_file(file, path);
    return path.string();
  }

  std::string copy_of_images() const {
    const fs::path path = folder_ / "images";
    fs::copy(small_images(), path, fs::copy_options::recursive);
    return path.string();
  }

  const fs::path folder_ = fresh_folder("grid_run");
  const fs::path db_ = folder_ / "results.sqlite";
  const GridOptions options_ = [this] {
    GridOptions options;
    options.db = db_;
    options.threads = 1;
    return options;
  }();
};

TEST_F(GridRun, ACellOfATaskThatWasReplacedKeepsNothing) {
  const std::string from = copy(small_task(1), "from.task");
  const Grid grid =
      grid_of(RunKind::learn, {{"data", {"folder:" + small_images()}}, {"from", {from}}}, 3);
  const auto results = run(grid, [&](size_t cell) {
    if (cell == 1) copy(small_task(2), "from.task");
  });
  EXPECT_EQ(results, (std::vector<std::string>{"done", changed_inputs, changed_inputs}));
  int learned = 0;
  for (const auto& entry : fs::recursive_directory_iterator(db_.string() + ".cells"))
    learned += entry.path().filename() == "learned.task" ? 1 : 0;
  EXPECT_EQ(learned, 1);
  // The next run has names of its own for the other task.
  EXPECT_EQ(run(grid, {}), (std::vector<std::string>{"done", "done", "done"}));
}

TEST_F(GridRun, ACellWhoseImagesChangeWhileItLearnsFails) {
  const std::string images = copy_of_images();
  const Grid grid = grid_of(RunKind::learn, {{"data", {"folder:" + images}}}, 2);
  GridHooks hooks;
  hooks.run.training = [&](const std::string&) {
    TrainHooks training;
    training.progress = [&](const TrainProgress&) {
      std::ofstream(fs::path(images) / "train" / "dark" / "0.png", std::ios::app) << ' ';
    };
    return training;
  };
  try {
    run_grid(grid, options_, hooks);
    FAIL() << "expected an error";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), std::string("1 of 2 cells failed, 1 left; seed 0: ") + changed_inputs);
  }
}

TEST_F(GridRun, ACellWhoseWeightsWereRewrittenAfterThePlanFails) {
  const std::string weights = copy(plain_weights(), "weights.safetensors");
  const Grid grid = grid_of(
      RunKind::measure,
      {{"data", {"folder:" + small_images()}}, {"weights", {weights}}, {"method", {"lp"}}}, 1);
  const auto results = run(grid, [&](size_t) { copy(other_weights(), "weights.safetensors"); });
  EXPECT_EQ(results, (std::vector<std::string>{changed_inputs}));
  EXPECT_FALSE(fs::exists(db_.string() + ".cells/features"));
}

TEST_F(GridRun, SaysThatAGridOfItsTitleIsReplaced) {
  std::vector<std::string> notes;
  GridHooks hooks;
  hooks.note = [&](const std::string& line) { notes.push_back(line); };
  const auto run_seeds = [&](int seeds) {
    const Grid grid = grid_of(RunKind::measure,
                              {{"data", {"folder:" + small_images()}}, {"method", {"lp"}}}, seeds);
    run_grid(grid, options_, hooks);
  };
  run_seeds(1);
  run_seeds(1);
  EXPECT_EQ(notes, std::vector<std::string>{});
  run_seeds(2);
  EXPECT_EQ(notes, std::vector<std::string>{"the grid 'grid' in " + db_.string() +
                                            " had other cells: it is replaced"});
}

TEST_F(GridRun, CellsThatWorkersReadHaveTheNamesThatWerePlanned) {
  Grid grid;
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure}) {
    const std::string crops = kind == RunKind::cascade ? "count=2" : "count=1";  // as they need
    for (const Assignments& options :
         {Assignments{},
          {{"flip", {"false"}}, {"crop", {crops + ",size=16,crop=random"}}},
          {{"rate", {"0.1"}}, {"mask-only", {"layer1.*", "layer2.*"}}, {"validation", {"25p"}}},
          {{"knn-preset", {"dino"}}, {"method", {"knn", "lp"}}, {"labels", {"2/class"}}}}) {
      RunSpec spec = new_spec(kind);
      assign(spec, {{"backbone", {"resnet20"}}, {"data", {"folder:" + small_images()}}});
      for (const auto& [name, words] : options)
        if (find_field(run_fields(kind), name) != nullptr &&
            (name != "method" || kind == RunKind::measure))
          assign(spec, {{name, words}});
      grid.cells.push_back({spec, {}, {}});
    }
  }
  grid.version = 3;
  grid.cells.back().after = 0;
  const std::vector<std::string> names = cell_names(grid);
  const PlannedCells planned = read_planned_cells(write_planned_cells(grid, names));
  EXPECT_EQ(planned.names, names);
  EXPECT_EQ(cell_names(planned.grid), names);
  EXPECT_EQ(planned.grid.cells.back().after, 0U);
  EXPECT_NE(error_of(ErrorKind::corrupt_file,
                     [] {
                       read_planned_cells({'t', 'o', 'm', 'l'});
                     })
                .find("expected the cells of a grid run"),
            std::string::npos);
}

}  // namespace
}  // namespace submask
