#include "cli/cell_names.h"

#include <set>

#include <submask/error.h>

#include "cli/train_run.h"
#include "grid/cell_id.h"

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

  // `after`: the name of the cell whose task is measured; empty: the plain backbone.
  std::string of(const GridCell& cell, const std::string& after) {
    if (cell.command == "train")
      return of_learned(*parse_options<TrainOptions>(cell.command, cell.arguments));
    if (cell.command == "cascade")
      return of_cascade(*parse_options<CascadeOptions>(cell.command, cell.arguments));
    return of_measured(*parse_options<EvaluateOptions>(cell.command, cell.arguments), after);
  }

 private:
  std::string of_learned(const TrainOptions& options) {
    const Backbone& backbone = backbones_.load(options.backbone, options.shared);
    const DataSplits data = data_.open(learned_input(options), options.shared);
    Json record = {
        {"command", "train"},
        {"labels", options.input.data.labels},
        {"settings",
         settings_text(options.settings(backbone.info(), data.train->class_names()), backbone)}};
    // The same numbers, but files that a cell without it has not.
    if (options.keep_epochs) record["keep_epochs"] = true;
    return cell_id(version_, record.dump(), backbone, data);
  }

  std::string of_cascade(const CascadeOptions& options) {
    const Backbone& backbone = backbones_.load(options.backbone, options.shared);
    const DataSplits data = data_.open(options.train.input, options.shared);
    const CascadeSettings cascade = options.settings(backbone.info(), data.train->class_names());
    const Json record = {{"command", "cascade"},
                         {"settings", settings_text(cascade.training, backbone)},
                         {"experts", cascade.experts},
                         {"router", cascade.router},
                         {"router_width", cascade.router_width}};
    return cell_id(version_, record.dump(), backbone, data);
  }

  std::string of_measured(const EvaluateOptions& options, const std::string& after) {
    const Backbone& backbone = backbones_.load(options.backbone, options.shared);
    const DataSplits data = data_.open(options.input, options.shared);
    Json record = {{"command", "evaluate"},
                   {"method", options.methods.front()},
                   {"precision", backbone.precision()},
                   {"after", after},
                   {"k", options.measure.knn.k},
                   {"temperature", options.measure.knn.temperature},
                   {"l2", options.probe_l2},
                   {"input_size", options.input.input_size},
                   {"fast_decode", options.input.fast_decode},
                   {"prompts", options.text.prompts}};
    if (options.mode == CascadeMode::conditional) record["cascade"] = "conditional";
    return cell_id(version_, record.dump(), backbone, data);
  }

  int64_t version_;
  LoadedBackbones backbones_;
  OpenedData data_;
};

}  // namespace

std::string label_text(const GridCell& cell) {
  std::string all;
  for (const auto& [name, value] : cell.labels)
    all.append(all.empty() ? "" : ", ").append(name).append(" ").append(value);
  return all;
}

std::string command_line(const GridCell& cell) {
  std::string line = cell.command;
  for (const std::string& argument : cell.arguments) line += " " + argument;
  return line;
}

Backbone& LoadedBackbones::load(const BackboneOptions& options, const SharedOptions& shared) {
  auto& backbone = backbones_[{options.name, options.weights, shared.precision, shared.device}];
  if (!backbone) backbone = options.load(shared);
  return *backbone;
}

CommandOptions command_options() {
  return {{"train", names_of_options<TrainOptions>()},
          {"cascade", names_of_options<CascadeOptions>()},
          {"evaluate", names_of_options<EvaluateOptions>()}};
}

std::vector<std::string> name_cells(const Grid& grid, std::map<std::string, std::string>* errors) {
  CellNames names(grid.version);
  std::vector<std::string> all;
  const auto fail = [&](const GridCell& cell, ErrorKind kind, const std::string& why) {
    const std::string message = why + ", in the cell " + label_text(cell);
    if (errors == nullptr) throw Error(kind, message);
    all.push_back(cell_id(command_line(cell)));
    (*errors)[all.back()] = message;
  };
  for (const GridCell& cell : grid.cells) {
    const std::string after = cell.after ? all[*cell.after] : "";
    if (errors != nullptr && errors->contains(after)) {
      fail(cell, ErrorKind::unavailable, "expected the cell that it measures, got an error of it");
      continue;
    }
    try {
      all.push_back(names.of(cell, after));
    } catch (const CLI::ParseError& error) {
      fail(cell, ErrorKind::invalid_argument, error.what());
    } catch (const Error& error) {
      fail(cell, error.kind(), error.what());
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
