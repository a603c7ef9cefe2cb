// A grid's file (docs/grids.md) as cells: the tables of options combined.
//
//   title = "Two networks on two data sets"
//   version = 1                # raised by hand where the same settings begin to give other numbers
//
//   [all]                      # options of every run by their long names; a list sweeps its values
//   epochs = 6
//   seed = [0, 1, 2]
//
//   [model.resnet20]           # an axis, `model`, and one of its values: a cell has the options of
//   backbone = "resnet20"      # one value of each axis
//
//   [set.fashion]
//   data = "fashion-mnist"
//
//   [[run]]                    # over all values of all axes
//   method = ["fs", "fft", "lp", "knn"]
//
//   [[run]]
//   method = "ssl-fs"
//   model = "resnet20"         # an axis by its name: of it these values alone
//
//   [[run.then]]               # measured on what each of these cells learned
//   method = "lp"
//   labels = ["1p", "100p"]
//
// An option that takes several values at once is a list in a list.
#include <algorithm>
#include <map>

#include <submask/grid.h>

#include "base/fail.h"
#include "grid/cell_name.h"
#include "grid/grid_tables.h"
#include "run/run_fields.h"

namespace submask {
namespace {

// Options of a cell, each by its words.
using Assignments = std::vector<std::pair<std::string, Words>>;

const std::map<std::string, RunKind> kind_of_method = {
    {"fs", RunKind::learn},     {"fft", RunKind::learn},       {"ssl-fs", RunKind::learn},
    {"ssl-ft", RunKind::learn}, {"cascade", RunKind::cascade}, {"lp", RunKind::measure},
    {"knn", RunKind::measure},  {"zs", RunKind::measure},      {"head", RunKind::measure}};

// What can be measured on what another cell learned.
const std::set<std::string> measured_methods = {"lp", "knn"};

std::set<std::string> all_methods() {
  std::set<std::string> names;
  for (const auto& [name, kind] : kind_of_method) names.insert(name);
  return names;
}

bool has_option(RunKind kind, const std::string& name) {
  return find_field(run_fields(kind), name) != nullptr;
}

void override_with(Sweeps& base, const Sweeps& winning) {
  for (const auto& [name, sweep] : winning) base[name] = sweep;
}

// A cell in the making.
struct Draft {
  RunKind kind;
  Assignments options;
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<size_t> after;
};

Draft draft_of(const std::string& method) {
  Draft draft{kind_of_method.at(method), {}, {}, {}};
  if (draft.kind != RunKind::cascade) draft.options.emplace_back("method", Words{method});
  return draft;
}

// One draft for each choice of every sweep, the seed's last.
std::vector<Draft> combined(const Draft& draft, const Sweeps& sweeps) {
  std::vector<Draft> drafts = {draft};
  const auto multiply = [&](const std::string& name, const Sweep& sweep) {
    std::vector<Draft> more;
    for (const Draft& each : drafts)
      for (const Choice& choice : sweep) {
        Draft one = each;
        one.options.emplace_back(name, choice.words);
        if (choice.swept) one.labels.emplace_back(name, choice.text);
        more.push_back(std::move(one));
      }
    drafts = std::move(more);
  };
  for (const auto& [name, sweep] : sweeps)
    if (name != "seed") multiply(name, sweep);
  if (const auto seed = sweeps.find("seed"); seed != sweeps.end()) multiply("seed", seed->second);
  return drafts;
}

class GridExpansion {
 public:
  explicit GridExpansion(const GridTables& tables) : tables_(tables) {}

  std::vector<GridCell> expand() {
    for (const toml::node& run : tables_.runs()) add_run(*run.as_table());
    return std::move(cells_);
  }

 private:
  void add_run(const toml::table& run) {
    const Sweeps options = tables_.options_of_run(run);
    for (const std::string& method : tables_.methods_of_run(run, all_methods())) {
      check_known(method, options, run);
      chosen_.clear();
      add_combinations(method, options, run);
    }
  }

  // Every combination of values of the axes from chosen_.size() on.
  void add_combinations(const std::string& method, const Sweeps& options, const toml::table& run) {
    if (chosen_.size() == tables_.axes().size()) return add_cells(method, options, run);
    for (const AxisValue* value : tables_.values_of_run(tables_.axes()[chosen_.size()], run)) {
      chosen_.push_back(value);
      add_combinations(method, options, run);
      chosen_.pop_back();
    }
  }

  void add_cells(const std::string& method, const Sweeps& options, const toml::table& run) {
    Draft draft = draft_of(method);
    for (size_t i = 0; i < chosen_.size(); ++i)
      draft.labels.emplace_back(tables_.axes()[i].name, chosen_[i]->name);
    draft.labels.emplace_back("method", method);
    for (const Draft& each : combined(draft, sweeps_of(draft.kind, options))) {
      const size_t learned = cells_.size();
      add_cell(each);
      for (const toml::node& then : tables_.tables_of(run, "then"))
        add_then(*then.as_table(), each, learned);
    }
  }

  // Measures what the cell `learned` learned, with its seed, network and data.
  void add_then(const toml::table& then, const Draft& before, size_t learned) {
    const Sweeps options = tables_.options_of_run(then);
    for (const std::string& method : tables_.methods_of_run(then, measured_methods)) {
      check_known(method, options, then);
      Draft draft = draft_of(method);
      draft.after = learned;
      draft.labels = before.labels;
      for (auto& [name, label] : draft.labels)
        if (name == "method") label += " + " + method;
      Sweeps sweeps = sweeps_of(draft.kind, options);
      for (const auto& [name, words] : before.options) {
        if (name == "method" || options.contains(name) || !has_option(draft.kind, name)) continue;
        draft.options.emplace_back(name, words);
        sweeps.erase(name);
      }
      for (const Draft& each : combined(draft, sweeps)) add_cell(each);
    }
  }

  void add_cell(const Draft& draft) {
    GridCell cell{new_spec(draft.kind), draft.labels, draft.after};
    try {
      for (const auto& [name, words] : draft.options) assign(cell.spec, name, words);
    } catch (const Error& error) {
      throw Error(error.kind(), text(error.what(), ", in the cell ", label_text(cell)));
    }
    cells_.push_back(std::move(cell));
  }

  // The options of all cells and of the chosen values that a kind of run has, then a run's own.
  Sweeps sweeps_of(RunKind kind, const Sweeps& options) const {
    Sweeps sweeps = tables_.all();
    for (const AxisValue* value : chosen_) override_with(sweeps, value->options);
    std::erase_if(sweeps, [&](const auto& sweep) { return !has_option(kind, sweep.first); });
    override_with(sweeps, options);
    return sweeps;
  }

  void check_known(const std::string& method, const Sweeps& options, const toml::table& run) const {
    const RunKind kind = kind_of_method.at(method);
    for (const auto& [name, sweep] : options)
      if (!has_option(kind, name))
        tables_.fail("an option of submask " + name_of(kind) + " for " + method, name,
                     *run.get(name));
  }

  const GridTables& tables_;
  std::vector<const AxisValue*> chosen_;  // of the first axes, one each
  std::vector<GridCell> cells_;
};

}  // namespace

Grid read_grid(const std::filesystem::path& path) {
  const GridTables tables(path.string());
  return {tables.title().empty() ? path.stem().string() : tables.title(), tables.version(),
          GridExpansion(tables).expand()};
}

}  // namespace submask
