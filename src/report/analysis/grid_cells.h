// Cells of a grid that have results, with what their grid and their commands call them.
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
  bool learns = false;  // submask train; else evaluate
  std::vector<std::pair<std::string, std::string>> labels;
  std::map<std::string, std::string> options;  // of its command, by their long names
  nlohmann::json result;

  // The labels of the axes that choose network and data set, or the options where no axis does.
  std::string model, data;
  // What else changes in the grid: the labels but these, method and seed.
  std::vector<std::pair<std::string, std::string>> others;

  std::string label(const std::string& name) const;   // "" without
  std::string option(const std::string& name) const;  // by the labels or else the command
  std::string method() const { return label("method"); }
  // These in words: "rate 50, mu 0"; may be empty.
  std::string settings(const std::string& without = "") const;
  double number(const std::string& key) const;  // of the result; NaN where it has none
};

// In the order of the grid; a cell that it names twice counts under both names. Lines about cells
// without results go to `left_out`. Throws invalid_argument for a grid that is not there or not
// said among several.
std::vector<FinishedCell> finished_cells(const ResultsDatabase& database, const std::string& grid,
                                         std::vector<std::string>& left_out);

}  // namespace submask
