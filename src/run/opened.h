// Opens the networks and data sets that specs name, and keeps them open for the next run.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <submask/run.h>

#include "run/result_json.h"

namespace submask {

// Sets the number of threads of LibTorch and checks device and precision. Throws invalid_argument
// for an unknown device and for a precision that the CPU cannot have, unavailable where there is no
// GPU.
void apply(const ComputeSettings& compute);

// Returns the path of the file or folder that --weights names. Fetches it first where --weights
// names an address on the network (fetch/fetch_weights.h).
std::string weights_path(const std::string& weights, const std::string& backbone);

// Loads a backbone to the device and in the precision of `compute`. `task_backbone` is the name in
// a task file, which is used where the settings have no name. Throws as Backbone::load(), and
// invalid_argument where there is no name or the name in the task file is that of a TorchScript
// program.
std::unique_ptr<Backbone> load_backbone(const BackboneSettings& backbone,
                                        const ComputeSettings& compute,
                                        const std::string& task_backbone = "");

// Tells the user of choices that may be unexpected: in the weight file (CheckpointReport::notes)
// and in the data (DataSplits::notes and passed_over).
void tell_choices(const Backbone& backbone, const RunHooks& hooks);
void tell_choices(const DataSplits& data, const RunHooks& hooks);

// open_data() (dataset.h) with the seed of `compute`.
DataSplits open_data(const DataOptions& data, const ComputeSettings& compute);

// Keeps the last few backbones and data sets open.
class Opened {
 public:
  // The reference stays valid at least until the next call.
  Backbone& backbone(const BackboneSettings& backbone, const ComputeSettings& compute,
                     const std::string& task_backbone = "");
  DataSplits data(const DataOptions& data, const ComputeSettings& compute);

  // Data sets are opened anew when they are next asked for. What changes on the disk shows then:
  // most of them read their images while a run goes on.
  void close_data() { data_.clear(); }

 private:
  // Each with the options that opened it; the most recently used is first.
  std::deque<std::pair<std::vector<std::string>, std::unique_ptr<Backbone>>> backbones_;
  std::deque<std::pair<std::vector<std::string>, DataSplits>> data_;
};

// The images of a run. A run that learns without labels learns from every training image, and
// --labels chooses those by which its result is measured. In other runs both parts are the same.
struct RunData {
  DataSplits learned;
  DataSplits measured;
};
RunData open_run_data(const RunSpec& spec, Opened& opened);

// Runs any kind of spec and returns the result that --json prints. Throws as Runner::run().
ResultJson run_opened(const RunSpec& spec, const RunHooks& hooks, Opened& opened);

}  // namespace submask
