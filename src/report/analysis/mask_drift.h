// How far masks of two settings are apart after each epoch.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "report/analysis/analyses.h"
#include "report/analysis/learned_tasks.h"

namespace submask {

class MaskDrift {
 public:
  // Epochs that both have. `chart`: network and data set; `curve`: the pair, over all seeds.
  void add(const std::string& chart, const std::string& curve, const EpochTasks& a,
           const EpochTasks& b);

  // invariance_epochs.md and .csv, and a figure a chart of the first curves that it has
  // room for. Nothing where nothing was added.
  void write(const AnalysisOptions& options, Analysis& found) const;

 private:
  using Shares = std::map<int64_t, std::vector<double>>;  // of weights that differ, by epoch
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, Shares>>>> charts_;
};

}  // namespace submask
