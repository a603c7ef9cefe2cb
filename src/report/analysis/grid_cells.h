// The cells of a grid that have results, with the labels of the grid and the options of their
// commands.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

#include "grid/results.h"

namespace submask {

struct FinishedCell {
  std::string id;
  bool learns = false;  // by submask train; else its command is evaluate
  std::vector<std::pair<std::string, std::string>> labels;
  std::map<std::string, std::string> options;  // of the command, by their long names
  nlohmann::json result;

  // The labels on the axes that choose network and data set; the options where no axis does.
  std::string model, data;
  // All labels that change in the grid, but those of network, data set, method and seed.
  std::vector<std::pair<std::string, std::string>> others;

  std::string label(const std::string& name) const;   // "" where the cell has no such label
  std::string option(const std::string& name) const;  // the label or, without one, the option
  std::string method() const { return label("method"); }
  // The other labels in words, but one of them: "rate 50, mu 0". May be empty.
  std::string settings(const std::string& without = "") const;
  double number(const std::string& key) const;  // of the result; NaN where it has no such number
};

// In the order of the grid; a cell that it names twice counts under both names. Lines about cells
// without results go to `left_out`.
// Throws invalid_argument where there is no such grid, or several and `grid` is empty.
std::vector<FinishedCell> finished_cells(const ResultsDatabase& database, const std::string& grid,
                                         std::vector<std::string>& left_out);

}  // namespace submask
