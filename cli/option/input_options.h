// The options shared by commands that run a network on images.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include <submask/dataset.h>
#include <submask/loader.h>

#include "cli/option/shared_options.h"
#include "evaluate/measurement.h"

namespace submask::cli {

// The options of commands that open a network.
struct NetworkOptions : SharedOptions {
  BackboneSettings backbone;

  void add_to(CLI::App& command);

  bool names_backbone() const { return !backbone.name.empty() || !backbone.weights.empty(); }

  // Also sets the threads, and checks the device. `task_backbone` is used where the user names no
  // backbone.
  std::unique_ptr<Backbone> load_backbone(const std::string& task_backbone) const;
};

// Add a few of the options of data, for commands that do not have all of them.
void add_labels_option(CLI::App& command, DataOptions& data);
void add_decode_options(CLI::App& command, DataOptions& data);

struct InputOptions {
  DataOptions data;
  InputSettings input;
  std::string feature_cache;  // a folder; "": features are not kept

  // Opens the data and tells of choices and of files that were passed over.
  DataSplits open(const SharedOptions& shared) const;

  void add_to(CLI::App& command, bool required);  // `required`: --data must be given

  // Returns the options for measuring a network with this preprocessing.
  MeasurementOptions measurement(const Preprocessing& preprocessing, MeasurementHooks hooks) const;
};

}  // namespace submask::cli
