// Cells of a grid as options of their commands, and their names.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/grid_file.h"
#include "cli/option/cascade_options.h"
#include "cli/option/evaluate_options.h"
#include "cli/option/train_options.h"

namespace submask::cli {

// "model resnet20, method fs, seed 0"
std::string label_text(const GridCell& cell);

// TrainOptions, CascadeOptions or EvaluateOptions of a command line. Throws CLI::ParseError.
template <typename Options>
std::unique_ptr<Options> parse_options(const std::string& command, const Arguments& arguments) {
  CLI::App parser("submask " + command);
  auto options = std::make_unique<Options>();
  options->add_to(parser);
  parser.parse(Arguments(arguments.rbegin(), arguments.rend()));
  return options;
}

// Backbones as options name them, each loaded once.
class LoadedBackbones {
 public:
  Backbone& load(const BackboneOptions& options, const SharedOptions& shared);

 private:
  std::map<std::vector<std::string>, std::unique_ptr<Backbone>> backbones_;
};

// What the options of the commands are called.
CommandOptions command_options();

// "train --method=fs --backbone=resnet20"
std::string command_line(const GridCell& cell);

// cell_id() of every cell, so that a mistake in any of them shows before the first is run. Throws
// as opening backbones and data does, naming the cell; with `errors` such a cell, and what measures
// it, gets a line there by its name instead, which is that of its command alone.
std::vector<std::string> name_cells(const Grid& grid,
                                    std::map<std::string, std::string>* errors = nullptr);

// Leaves of a grid the cells that are `wanted`, by their names or beginnings of them, and those
// that they measure. Throws invalid_argument for one that none or several have.
void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names);

}  // namespace submask::cli
