// The file of a grid: runs of `submask train`, `submask cascade` and `submask evaluate` over every
// combination of settings.
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
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/option/config_file.h"

namespace submask::cli {

struct GridCell {
  std::string method;
  std::string command;  // train: fs, fft, ssl-fs, ssl-ft; cascade; evaluate: lp, knn, zs, head
  Arguments arguments;  // --key=value
  // What it is called in tables: its value on each axis, method ("ssl-fs + lp"), swept options.
  std::vector<std::pair<std::string, std::string>> labels;
  std::optional<size_t> after;  // the cell, before this one, whose task it measures
};

struct Grid {
  std::string title;
  int64_t version = 1;
  std::vector<GridCell> cells;
};

// Long names of the options that train, cascade and evaluate have.
using CommandOptions = std::map<std::string, std::set<std::string>>;

// Throws corrupt_file, naming the line and, for a key that nothing has, the nearest one.
Grid read_grid(const std::string& path, const CommandOptions& known);

}  // namespace submask::cli
