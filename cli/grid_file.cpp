#include "cli/grid_file.h"

#include <algorithm>

#include "cli/grid_tables.h"

namespace submask::cli {
namespace {

const std::map<std::string, std::string> command_of_method = {
    {"fs", "train"},     {"fft", "train"},       {"ssl-fs", "train"},
    {"ssl-ft", "train"}, {"cascade", "cascade"}, {"lp", "evaluate"},
    {"knn", "evaluate"}, {"zs", "evaluate"},     {"head", "evaluate"}};

// What can be measured on what another cell learned.
const std::set<std::string> measured_methods = {"lp", "knn"};

std::set<std::string> all_methods() {
  std::set<std::string> names;
  for (const auto& [name, command] : command_of_method) names.insert(name);
  return names;
}

std::set<std::string> all_options(const CommandOptions& known) {
  std::set<std::string> all;
  for (const auto& [command, options] : known) all.insert(options.begin(), options.end());
  return all;
}

void override_with(Sweeps& base, const Sweeps& winning) {
  for (const auto& [name, sweep] : winning) base[name] = sweep;
}

void set_method(const std::string& method, GridCell& cell) {
  cell.method = method;
  cell.command = command_of_method.at(method);
  if (cell.command != method) cell.arguments = {"--method=" + method};
}

// One cell for each choice of every sweep, the seed's last.
std::vector<GridCell> cells_of(const GridCell& cell, const Sweeps& sweeps) {
  std::vector<GridCell> cells = {cell};
  const auto multiply = [&](const std::string& name, const Sweep& sweep) {
    std::vector<GridCell> more;
    for (const GridCell& each : cells)
      for (const Choice& choice : sweep) {
        GridCell one = each;
        one.arguments.insert(one.arguments.end(), choice.arguments.begin(), choice.arguments.end());
        if (choice.swept) one.labels.emplace_back(name, choice.text);
        more.push_back(std::move(one));
      }
    cells = std::move(more);
  };
  for (const auto& [name, sweep] : sweeps)
    if (name != "seed") multiply(name, sweep);
  if (const auto seed = sweeps.find("seed"); seed != sweeps.end()) multiply("seed", seed->second);
  return cells;
}

class GridExpansion {
 public:
  GridExpansion(const GridTables& tables, const CommandOptions& known)
      : tables_(tables), known_(known) {}

  std::vector<GridCell> expand() {
    for (const toml::node& run : tables_.runs()) add_run(*run.as_table());
    return std::move(cells_);
  }

 private:
  void add_run(const toml::table& run) {
    const Sweeps own = tables_.options_of_run(run);
    for (const std::string& method : tables_.methods_of_run(run, all_methods())) {
      check_known(method, own, run);
      chosen_.clear();
      add_combinations(method, own, run);
    }
  }

  // Every combination of values of the axes from chosen_.size() on.
  void add_combinations(const std::string& method, const Sweeps& own, const toml::table& run) {
    if (chosen_.size() == tables_.axes().size()) return add_cells(method, own, run);
    for (const AxisValue* value : tables_.values_of_run(tables_.axes()[chosen_.size()], run)) {
      chosen_.push_back(value);
      add_combinations(method, own, run);
      chosen_.pop_back();
    }
  }

  void add_cells(const std::string& method, const Sweeps& own, const toml::table& run) {
    GridCell cell;
    set_method(method, cell);
    for (size_t i = 0; i < chosen_.size(); ++i)
      cell.labels.emplace_back(tables_.axes()[i].name, chosen_[i]->name);
    cell.labels.emplace_back("method", method);
    for (GridCell& each : cells_of(cell, sweeps_of(cell.command, own))) {
      const size_t place = cells_.size();
      cells_.push_back(std::move(each));
      for (const toml::node& then : tables_.tables_of(run, "then"))
        add_then(*then.as_table(), place);
    }
  }

  // Measures what the cell at `learned` learned, with its seed, network and data.
  void add_then(const toml::table& then, size_t learned) {
    const Sweeps own = tables_.options_of_run(then);
    for (const std::string& method : tables_.methods_of_run(then, measured_methods)) {
      check_known(method, own, then);
      GridCell cell;
      set_method(method, cell);
      cell.after = learned;
      cell.labels = cells_[learned].labels;
      for (auto& [name, label] : cell.labels)
        if (name == "method") label += " + " + method;
      Sweeps sweeps = sweeps_of(cell.command, own);
      for (const std::string& argument : cells_[learned].arguments) {
        const std::string name = option_name(argument).substr(2);
        if (name == "method" || own.contains(name) || !known_.at(cell.command).contains(name))
          continue;
        cell.arguments.push_back(argument);
        sweeps.erase(name);
      }
      for (GridCell& each : cells_of(cell, sweeps)) cells_.push_back(std::move(each));
    }
  }

  // The options of all cells and of the chosen values that a command has, then a run's own.
  Sweeps sweeps_of(const std::string& command, const Sweeps& own) const {
    Sweeps sweeps = tables_.all();
    for (const AxisValue* value : chosen_) override_with(sweeps, value->options);
    std::erase_if(sweeps,
                  [&](const auto& sweep) { return !known_.at(command).contains(sweep.first); });
    override_with(sweeps, own);
    return sweeps;
  }

  void check_known(const std::string& method, const Sweeps& own, const toml::table& run) const {
    const std::string& command = command_of_method.at(method);
    for (const auto& [name, sweep] : own)
      if (!known_.at(command).contains(name))
        tables_.fail("an option of submask " + command + " for " + method, name, *run.get(name));
  }

  const GridTables& tables_;
  const CommandOptions& known_;
  std::vector<const AxisValue*> chosen_;  // of the first axes, one each
  std::vector<GridCell> cells_;
};

}  // namespace

Grid read_grid(const std::string& path, const CommandOptions& known) {
  const GridTables tables(path, all_options(known));
  return {tables.title(), tables.version(), GridExpansion(tables, known).expand()};
}

}  // namespace submask::cli
