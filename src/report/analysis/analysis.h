// Analyses of what the cells of a grid learned: each a table, figures and what they show in words.
//
//   similarity   how alike the tasks of different data sets are, by masks and by weight changes
//   stability    which weights are masked again with another seed
//   invariance   whether settings that should give the same mask do
//   correlation  what goes along with accuracy and its change
//   tuning       how much accuracy depends on the rate
#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "grid/results.h"

namespace submask {

struct AnalysisOptions {
  std::string grid;             // its title; empty: the only one there is
  std::filesystem::path cells;  // folder with ID/learned.task and ID/learned.safetensors
  std::filesystem::path out;    // folder for tables and figures; made where there is none
  std::string format = "svg";   // of figures: svg, png or pdf
};

// The main numbers of a part of the grid, by their names; NaN where there are too few values.
struct AnalysisNumbers {
  std::string part;  // "resnet20", "resnet20, cifar10"
  std::vector<std::pair<std::string, double>> values;
};

struct Analysis {
  std::string sentence;  // what the numbers show: a sentence for each part of the grid
  std::vector<AnalysisNumbers> numbers;
  std::vector<std::filesystem::path> files;  // that were written, tables first
  std::vector<std::string> left_out;         // a line for what is missing or was not looked at
};

std::vector<std::string> analysis_names();

// Makes the analysis of this name, one of analysis_names(). All but tuning read what the cells
// learned, and the pretrained weights from where the cells' commands say that they are. A network
// that is a TorchScript program is left out, because it runs only where the user names it. Writes
// OUT/NAME.md, OUT/NAME.csv and the figures OUT/NAME_*.FORMAT. Throws invalid_argument (no such
// grid, or nothing in it to analyse so), corrupt_file, io, and unavailable without gnuplot.
Analysis analyse(const std::string& name, const ResultsDatabase& database,
                 const AnalysisOptions& options);

}  // namespace submask
