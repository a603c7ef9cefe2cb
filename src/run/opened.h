// Networks and data sets as specs name them, kept open for the next run.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <submask/run.h>

#include "run/result_json.h"

namespace submask {

// The number of threads, and whether the device is there: throws unavailable, invalid_argument.
void apply(const ComputeSettings& compute);

// On the device, in the precision. `task_backbone` names it where the settings do not. Throws as
// Backbone::load().
std::unique_ptr<Backbone> load_backbone(const BackboneSettings& backbone,
                                        const ComputeSettings& compute,
                                        const std::string& task_backbone = "");

// As open_data(), by the seed of all.
DataSplits open_data(const DataOptions& data, const ComputeSettings& compute);

// The last few backbones and data sets.
class Opened {
 public:
  // Stays open at least until another one is asked for.
  Backbone& backbone(const BackboneSettings& backbone, const ComputeSettings& compute,
                     const std::string& task_backbone = "");
  DataSplits data(const DataOptions& data, const ComputeSettings& compute);

 private:
  // The last one first.
  std::deque<std::pair<std::vector<std::string>, std::unique_ptr<Backbone>>> backbones_;
  std::deque<std::pair<std::vector<std::string>, DataSplits>> data_;
};

// The images that a run learns from or measures with. Without labels it learns from every training
// image; --labels then chooses those that the result is measured by.
struct RunData {
  DataSplits learned;  // of a run that measures alone the same as the next
  DataSplits measured;
};
RunData open_run_data(const RunSpec& spec, Opened& opened);

// Any kind of run: what --json prints of it. Throws as Runner::run().
ResultJson run_opened(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
