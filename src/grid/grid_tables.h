// The tables of a grid's file: sweeps of options, axes of named settings, runs. What they are
// combined to is grid_file.cpp's.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/field_form.h"
#include "run/toml_file.h"

namespace submask {

// One value of an option: several words where the option takes a list.
struct Choice {
  std::string text;
  Words words;
  bool swept = false;  // of a list, be it of one: a label of the cells
};

using Sweep = std::vector<Choice>;
using Sweeps = std::map<std::string, Sweep>;  // by option

struct AxisValue {
  std::string name;
  Sweeps options;
};

struct Axis {
  std::string name;
  std::vector<AxisValue> values;
};

// All throw corrupt_file, naming the file, the line and, for a name that nothing has, the nearest.
class GridTables {
 public:
  explicit GridTables(const std::string& path);

  const std::string& title() const { return title_; }
  int64_t version() const { return version_; }
  const Sweeps& all() const { return all_; }
  const std::vector<Axis>& axes() const { return axes_; }  // in the order of the file
  const toml::array& runs() const { return tables_of(file_, "run"); }

  // [[NAME]] tables in another one; none is an error where that is the file.
  const toml::array& tables_of(const toml::table& table, const std::string& name) const;

  // The options of a run, without its method, what follows it, and axes.
  Sweeps options_of_run(const toml::table& run) const;

  // The method's values, each one of `methods`.
  std::vector<std::string> methods_of_run(const toml::table& run,
                                          const std::set<std::string>& methods) const;

  // The values of an axis that a run is over.
  std::vector<const AxisValue*> values_of_run(const Axis& axis, const toml::table& run) const;

  [[noreturn]] void fail(const std::string& expected, const std::string& got,
                         const toml::node& where) const;

 private:
  void read_head();
  void read_axes();
  AxisValue axis_value(const std::string& axis, const std::string& name,
                       const toml::node& node) const;
  Sweeps options_of(const toml::table& table, const std::set<std::string>& others) const;
  Sweep sweep_of(const std::string& name, const toml::node& node) const;
  std::vector<std::string> names_of(const toml::node& node, const std::string& what,
                                    const std::set<std::string>& known) const;

  std::string path_;
  std::set<std::string> options_;  // that a table may have
  toml::table file_;
  std::string title_;
  int64_t version_ = 1;
  Sweeps all_;
  std::vector<Axis> axes_;
};

}  // namespace submask
