// How many weights the masks of two settings mask differently after each epoch.
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
  // Compares two runs of one seed after each epoch that both kept. The chart is named by network
  // and data set, the curve by the two settings; it is a mean over the seeds.
  void add(const std::string& chart, const std::string& curve, const EpochTasks& a,
           const EpochTasks& b);

  // Writes invariance_epochs.md and .csv, and each chart with as many curves as it has room for.
  // Writes nothing where nothing was added.
  void write(const AnalysisOptions& options, Analysis& found) const;

 private:
  using Shares = std::map<int64_t, std::vector<double>>;  // of weights that differ, by epoch
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, Shares>>>> charts_;
};

}  // namespace submask
