#include "cli/cell_names.h"

#include <set>

#include <submask/error.h>
#include <submask/grid.h>

#include "cli/train_run.h"

namespace submask::cli {
namespace {

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

// Names cells, loading each backbone and opening each data set once.
class CellNames {
 public:
  explicit CellNames(int64_t version) : version_(version) {}

  std::string of_learned(const TrainOptions& options) {
    const Backbone& backbone = backbones_.load(options.backbone, options.shared);
    const DataSplits data = data_.open(learned_input(options), options.shared);
    const Json record = {
        {"command", "train"},
        {"labels", options.input.data.labels},
        {"settings",
         settings_text(options.settings(backbone.info(), data.train->class_names()), backbone)}};
    return cell_id(version_, record.dump(), backbone, data);
  }

  // `after`: the name of the cell whose task is measured; empty: the plain backbone.
  std::string of_measured(const EvaluateOptions& options, const std::string& after) {
    const Backbone& backbone = backbones_.load(options.backbone, options.shared);
    const DataSplits data = data_.open(options.input, options.shared);
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
  int64_t version_;
  LoadedBackbones backbones_;
  OpenedData data_;
};

}  // namespace

std::string label_text(const GridCell& cell) {
  std::string all;
  for (const auto& [name, value] : cell.labels)
    all += (all.empty() ? "" : ", ") + name + " " + value;
  return all;
}

Backbone& LoadedBackbones::load(const BackboneOptions& options, const SharedOptions& shared) {
  auto& backbone = backbones_[{options.name, options.weights, shared.precision, shared.device}];
  if (!backbone) backbone = options.load(shared);
  return *backbone;
}

CommandOptions command_options() {
  return {{"train", names_of_options<TrainOptions>()},
          {"evaluate", names_of_options<EvaluateOptions>()}};
}

std::vector<std::string> name_cells(const Grid& grid) {
  CellNames names(grid.version);
  std::vector<std::string> all;
  for (const GridCell& cell : grid.cells) {
    try {
      all.push_back(
          cell.command == "train"
              ? names.of_learned(*parse_options<TrainOptions>(cell.command, cell.arguments))
              : names.of_measured(*parse_options<EvaluateOptions>(cell.command, cell.arguments),
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

void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names) {
  std::vector<bool> kept(names.size());
  for (const std::string& beginning : wanted) {
    std::set<std::string> found;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!names[i].starts_with(beginning)) continue;
      found.insert(names[i]);
      kept[i] = true;
      if (grid.cells[i].after) kept[*grid.cells[i].after] = true;
    }
    if (found.size() != 1)
      throw Error(ErrorKind::invalid_argument,
                  "expected the name of a cell or the beginning of one, got '" + beginning +
                      "', which " + std::to_string(found.size()) + " cells have");
  }
  std::vector<size_t> place(names.size());
  size_t count = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!kept[i]) continue;
    place[i] = count;
    if (auto& after = grid.cells[i].after) after = place[*after];
    if (i != count) {
      grid.cells[count] = std::move(grid.cells[i]);
      names[count] = std::move(names[i]);
    }
    ++count;
  }
  grid.cells.resize(count);
  names.resize(count);
}

}  // namespace submask::cli
