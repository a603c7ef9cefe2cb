// Reads the tables of a grid's file: sweeps of options, axes of named settings, runs. grid_file.cpp
// combines them into cells.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/field_form.h"
#include "run/toml_file.h"

namespace submask {

// One value of an option.
struct Choice {
  std::string text;    // the words with spaces between them
  Words words;         // several where the option takes a list
  bool swept = false;  // from a list of values, even of one value: cells then have it as a label
  std::string place;   // "FILE, line N"
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

// All functions throw corrupt_file with the file, the line and, for an unknown name, the nearest
// one.
class GridTables {
 public:
  explicit GridTables(const std::string& path);

  const std::string& title() const { return title_; }
  int64_t version() const { return version_; }
  const Sweeps& common_options() const { return common_options_; }  // [all]
  const std::vector<Axis>& axes() const { return axes_; }           // in the order of the file
  const toml::array& runs() const { return tables_of(file_, "run"); }

  // Returns the [[NAME]] tables in a table. The file's outermost table must have some; other tables
  // may have none.
  const toml::array& tables_of(const toml::table& table, const std::string& name) const;

  // The options of a run, without the keys `method`, `then` and the names of axes.
  Sweeps options_of_run(const toml::table& run) const;

  // The methods of a run, all of which must be in `known`.
  std::vector<std::string> methods_of_run(const toml::table& run,
                                          const std::set<std::string>& known) const;

  // The values of an axis for which a run has cells.
  std::vector<const AxisValue*> values_of_run(const Axis& axis, const toml::table& run) const;

  [[noreturn]] void fail(const std::string& expected, const std::string& got,
                         const toml::node& node) const;

 private:
  void read_head();
  void read_axes();
  AxisValue axis_value(const std::string& axis, const std::string& name,
                       const toml::node& node) const;
  Sweeps options_of(const toml::table& table, const std::set<std::string>& other_keys) const;
  Sweep sweep_of(const std::string& name, const toml::node& node) const;
  std::vector<std::string> names_of(const toml::node& node, const std::string& kind,
                                    const std::set<std::string>& known) const;

  std::string path_;
  std::set<std::string> options_;  // names that a table may have
  toml::table file_;
  std::string title_;
  int64_t version_ = 1;
  Sweeps common_options_;
  std::vector<Axis> axes_;
};

}  // namespace submask
