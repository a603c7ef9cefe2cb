// Grids of runs. `plan` lists the cells of a grid, after checking everything that would fail later.
#include <cstdio>
#include <deque>
#include <map>
#include <memory>
#include <set>

#include <submask/error.h>
#include <submask/grid.h>

#include "cli/commands.h"
#include "cli/evaluate_options.h"
#include "cli/grid_file.h"
#include "cli/train_options.h"

namespace submask::cli {
namespace {

struct GridOptions {
  SharedOptions shared;
  std::string file;
};

template <typename Options>
std::set<std::string> names_of_options() {
  CLI::App command;
  Options options;
  options.add_to(command);
  std::set<std::string> names;
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames()) names.insert(name);
  return names;
}

std::string label_text(const GridCell& cell) {
  std::string all;
  for (const auto& [name, value] : cell.labels)
    all += (all.empty() ? "" : ", ") + name + " " + value;
  return all;
}

template <typename Options>
std::unique_ptr<Options> parse(const GridCell& cell) {
  CLI::App command("submask " + cell.command);
  auto options = std::make_unique<Options>();
  options->add_to(command);
  Arguments arguments(cell.arguments.rbegin(), cell.arguments.rend());
  command.parse(std::move(arguments));
  return options;
}

// Names cells, loading each backbone and opening each data set once.
class CellNames {
 public:
  explicit CellNames(int64_t version) : version_(version) {}

  std::string of_learned(const TrainOptions& options) {
    const Backbone& backbone = loaded(options.backbone, options.shared);
    InputOptions input = options.input;
    // Without labels every training image is learned from, and --labels measures.
    if (learns_without_labels(options.method)) input.data.labels.clear();
    const DataSplits& data = opened(input, options.shared);
    const Json record = {
        {"command", "train"},
        {"labels", options.input.data.labels},
        {"settings",
         settings_text(options.settings(backbone.info(), data.train->class_names()), backbone)}};
    return cell_id(version_, record.dump(), backbone, data);
  }

  // `after`: the name of the cell whose task is measured; empty: the plain backbone.
  std::string of_measured(const EvaluateOptions& options, const std::string& after) {
    const Backbone& backbone = loaded(options.backbone, options.shared);
    const DataSplits& data = opened(options.input, options.shared);
    const Json record = {{"command", "evaluate"},
                         {"method", options.methods.front()},
                         {"precision", backbone.precision()},
                         {"after", after},
                         {"k", options.measure.knn.k},
                         {"temperature", options.measure.knn.temperature},
                         {"l2", options.probe_l2},
                         {"input_size", options.input.input_size},
                         {"fast_decode", options.input.fast_decode},
                         {"prompts", options.text.prompts}};
    return cell_id(version_, record.dump(), backbone, data);
  }

 private:
  const Backbone& loaded(const BackboneOptions& options, const SharedOptions& shared) {
    auto& backbone = backbones_[{options.name, options.weights, shared.precision}];
    if (!backbone) backbone = options.load(shared);
    return *backbone;
  }

  const DataSplits& opened(const InputOptions& input, const SharedOptions& shared) {
    const DataOptions& data = input.data;
    const Json key = {data.spec,       data.labels,     data.train_limit,
                      data.test_limit, data.validation, shared.seed};
    auto& splits = data_[key.dump()];
    if (!splits.train) splits = input.open(shared);
    return splits;
  }

  int64_t version_;
  std::map<std::vector<std::string>, std::unique_ptr<Backbone>> backbones_;
  std::map<std::string, DataSplits> data_;
};

// Every cell's name. A mistake in any cell shows before the first is run.
std::vector<std::string> name_cells(const Grid& grid) {
  CellNames names(grid.version);
  std::vector<std::string> all;
  for (const GridCell& cell : grid.cells) {
    try {
      all.push_back(cell.command == "train"
                        ? names.of_learned(*parse<TrainOptions>(cell))
                        : names.of_measured(*parse<EvaluateOptions>(cell),
                                            cell.after ? all[*cell.after] : std::string()));
    } catch (const CLI::ParseError& error) {
      throw Error(ErrorKind::invalid_argument,
                  std::string(error.what()) + ", in the cell " + label_text(cell));
    } catch (const Error& error) {
      throw Error(error.kind(), std::string(error.what()) + ", in the cell " + label_text(cell));
    }
  }
  return all;
}

void plan(const GridOptions& options) {
  options.shared.apply();
  const Grid grid = read_grid(options.file, {{"train", names_of_options<TrainOptions>()},
                                             {"evaluate", names_of_options<EvaluateOptions>()}});
  const std::vector<std::string> names = name_cells(grid);
  const std::set<std::string> distinct(names.begin(), names.end());
  if (options.shared.json) {
    Json cells = Json::array();
    for (size_t i = 0; i < names.size(); ++i) {
      Json cell = {{"id", names[i]}, {"command", grid.cells[i].command}};
      cell["arguments"] = grid.cells[i].arguments;
      for (const auto& [name, value] : grid.cells[i].labels) cell["labels"][name] = value;
      if (grid.cells[i].after) cell["after"] = names[*grid.cells[i].after];
      cells.push_back(std::move(cell));
    }
    return print_result(options.shared,
                        {{"title", grid.title}, {"runs", distinct.size()}, {"cells", cells}});
  }
  for (size_t i = 0; i < names.size(); ++i)
    std::printf("%.12s  %s\n", names[i].c_str(), label_text(grid.cells[i]).c_str());
  std::printf("%zu cells, %zu runs\n", names.size(), distinct.size());
  std::fflush(stdout);
}

}  // namespace

void add_grid_command(CLI::App& program) {
  auto* grid = program.add_subcommand("grid", "Many runs over combinations of settings");
  grid->require_subcommand(1);
  auto* command = grid->add_subcommand(
      "plan", "List the cells of a grid after checking them: options, networks and data");
  auto options = std::make_shared<GridOptions>();
  options->shared.add_to(*command);
  command->add_option("FILE", options->file, "The grid, a TOML file")->required();
  command->callback([options] { plan(*options); });
}

}  // namespace submask::cli
