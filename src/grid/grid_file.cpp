// Combines the tables of options in a grid's file (docs/grids.md) into cells.
//
//   title = "Two networks on two data sets"
//   version = 1                # raise it when a new submask gives other numbers for the settings
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
//   [[run]]                    # cells for all values of all axes
//   method = ["fs", "fft", "lp", "knn"]
//
//   [[run]]
//   method = "ssl-fs"
//   model = "resnet20"         # only these values of the axis `model`
//
//   [[run.then]]               # measured on what each of these cells learned
//   method = "lp"
//   labels = ["1p", "100p"]
//
// An option that takes several values at once is a list in a list.
#include <algorithm>
#include <cassert>
#include <map>

#include <submask/grid.h>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "grid/cell_name.h"
#include "grid/grid_tables.h"
#include "run/run_fields.h"

namespace submask {
namespace {

const std::map<std::string, RunKind> kind_of_method = {
    {"fs", RunKind::learn},     {"fft", RunKind::learn},       {"ssl-fs", RunKind::learn},
    {"ssl-ft", RunKind::learn}, {"norm", RunKind::learn},      {"bias", RunKind::learn},
    {"lora", RunKind::learn},   {"sparse", RunKind::learn},    {"bitdelta", RunKind::learn},
    {"lp", RunKind::measure},   {"cascade", RunKind::cascade}, {"knn", RunKind::measure},
    {"zs", RunKind::measure},   {"head", RunKind::measure}};

// The methods that can measure what another cell learned.
const std::set<std::string> methods_of_then = {"lp", "knn"};

std::set<std::string> all_methods() {
  std::set<std::string> names;
  for (const auto& [name, kind] : kind_of_method) names.insert(name);
  return names;
}

bool has_option(RunKind kind, const std::string& name) {
  return find_field(run_fields(kind), name) != nullptr;
}

void override_with(Sweeps& base, const Sweeps& overrides) {
  for (const auto& [name, sweep] : overrides) base[name] = sweep;
}

// A cell before its options are set in a spec.
struct Draft {
  RunKind kind;
  Assignments options;
  OptionPlaces places;
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<size_t> after;
};

Draft new_draft(const std::string& method) {
  Draft draft{kind_of_method.at(method), {}, {}, {}, {}};
  if (draft.kind != RunKind::cascade) draft.options.emplace_back("method", Words{method});
  return draft;
}

[[noreturn]] void fail_cells(size_t cell_limit) {
  fail_argument(text("at most ", cell_limit, " cells"), "more");
}

// Returns one draft for each way to take a choice from every sweep. The seed changes fastest.
std::vector<Draft> combine(const Draft& draft, const Sweeps& sweeps, size_t cell_limit) {
  std::vector<Draft> drafts = {draft};
  const auto multiply = [&](const std::string& name, const Sweep& sweep) {
    if (drafts.size() * sweep.size() > cell_limit) fail_cells(cell_limit);
    std::vector<Draft> extended_drafts;
    for (const Draft& shorter : drafts)
      for (const Choice& choice : sweep) {
        Draft extended = shorter;
        extended.options.emplace_back(name, choice.words);
        extended.places[name] = choice.place;
        if (choice.swept) extended.labels.emplace_back(name, choice.text);
        extended_drafts.push_back(std::move(extended));
      }
    drafts = std::move(extended_drafts);
  };
  for (const auto& [name, sweep] : sweeps)
    if (name != "seed") multiply(name, sweep);
  if (const auto seed = sweeps.find("seed"); seed != sweeps.end()) multiply("seed", seed->second);
  return drafts;
}

class GridExpansion {
 public:
  GridExpansion(const GridTables& tables, size_t cell_limit)
      : tables_(tables), cell_limit_(cell_limit) {}

  std::vector<GridCell> expand() {
    check_values(tables_.common_options());
    for (const Axis& axis : tables_.axes())
      for (const AxisValue& value : axis.values) check_values(value.options);
    for (const toml::node& run : tables_.runs()) add_run(*run.as_table());
    return std::move(cells_);
  }

 private:
  // Throws for a value that its option may not have, even where no run uses it.
  static void check_values(const Sweeps& sweeps) {
    for (const auto& [name, sweep] : sweeps)
      for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure})
        if (has_option(kind, name))
          for (const Choice& choice : sweep) {
            RunSpec spec = new_spec(kind);
            with_places_in_errors({{name, choice.place}}, [&, &name = name] {
              assign(spec, {{name, choice.words}});
            });
          }
  }

  void add_run(const toml::table& run) {
    const Sweeps options = tables_.options_of_run(run);
    for (const std::string& method : tables_.methods_of_run(run, all_methods())) {
      check_known(method, options, run);
      chosen_.clear();
      add_combinations(method, options, run);
    }
  }

  // Adds the cells for every combination of values of the axes for which chosen_ has no value yet.
  void add_combinations(const std::string& method, const Sweeps& options, const toml::table& run) {
    if (chosen_.size() == tables_.axes().size()) return add_cells(method, options, run);
    for (const AxisValue* value : tables_.values_of_run(tables_.axes()[chosen_.size()], run)) {
      chosen_.push_back(value);
      add_combinations(method, options, run);
      chosen_.pop_back();
    }
  }

  void add_cells(const std::string& method, const Sweeps& options, const toml::table& run) {
    Draft draft = new_draft(method);
    const toml::array& then_tables = tables_.tables_of(run, "then");
    if (draft.kind == RunKind::measure && !then_tables.empty())
      tables_.fail("a method that learns before [[run.then]]", method, *run.get("then"));
    for (size_t i = 0; i < chosen_.size(); ++i)
      draft.labels.emplace_back(tables_.axes()[i].name, chosen_[i]->name);
    draft.labels.emplace_back("method", method);
    for (const Draft& combination : combine(draft, sweeps_for(draft.kind, options), cell_limit_)) {
      const size_t learning_cell = cells_.size();
      add_cell(combination);
      for (const toml::node& then : then_tables)
        add_then(*then.as_table(), combination, learning_cell);
    }
  }

  // Adds cells that measure what the cell with the index `learning_cell` learned. They have its
  // options, such as seed, network and data, except those that `then` sets.
  void add_then(const toml::table& then, const Draft& learning_draft, size_t learning_cell) {
    if (const toml::node* nested = then.get("then"))
      tables_.fail("[[run.then]] alone", "another one in it", *nested);
    const Sweeps options = tables_.options_of_run(then);
    for (const std::string& method : tables_.methods_of_run(then, methods_of_then)) {
      check_known(method, options, then);
      Draft draft = new_draft(method);
      draft.after = learning_cell;
      draft.labels = learning_draft.labels;
      for (auto& [name, label] : draft.labels)
        if (name == "method") label += " + " + method;
      Sweeps sweeps = sweeps_for(draft.kind, options);
      for (const auto& [name, words] : learning_draft.options) {
        if (name == "method" || options.contains(name) || !has_option(draft.kind, name)) continue;
        draft.options.emplace_back(name, words);
        draft.places[name] = learning_draft.places.at(name);
        sweeps.erase(name);
      }
      for (const Draft& each : combine(draft, sweeps, cell_limit_)) add_cell(each);
    }
  }

  void add_cell(const Draft& draft) {
    if (cells_.size() == cell_limit_) fail_cells(cell_limit_);
    assert(!draft.after || *draft.after < cells_.size());
    GridCell cell{new_spec(draft.kind), draft.labels, draft.after, draft.places};
    with_places_in_errors(draft.places, [&] {
      try {
        assign(cell.spec, draft.options);
      } catch (const Error& error) {
        throw Error(error.kind(), text(error.what(), ", in the cell ", label_text(cell)));
      }
    });
    cells_.push_back(std::move(cell));
  }

  // The options of [all] and of the chosen values, as far as this kind of run has them, overridden
  // by the options of the run.
  Sweeps sweeps_for(RunKind kind, const Sweeps& options) const {
    Sweeps sweeps = tables_.common_options();
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
  const size_t cell_limit_;
  std::vector<const AxisValue*> chosen_;  // one value for each of the first axes
  std::vector<GridCell> cells_;
};

}  // namespace

Grid read_grid(const std::filesystem::path& path, size_t cell_limit) {
  const GridTables tables(path.string());
  return {tables.title().empty() ? path.stem().string() : tables.title(), tables.version(),
          with_file_in_errors(ErrorKind::invalid_argument, path.string(),
                              [&] { return GridExpansion(tables, cell_limit).expand(); })};
}

}  // namespace submask
