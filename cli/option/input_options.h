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

  // Sets threads and device too. `task_backbone` is used where the user names no backbone.
  std::unique_ptr<Backbone> load_backbone(const std::string& task_backbone) const;
};

// These add some fields of a table, for commands without the other fields.
void add_labels_option(CLI::App& command, DataOptions& data);
void add_decode_options(CLI::App& command, DataOptions& data);

struct InputOptions {
  DataOptions data;
  InputSettings input;
  std::string feature_cache;  // a folder; "": features are not kept

  // Opens the data and tells of choices and of files that were passed over.
  DataSplits open(const SharedOptions& shared) const;

  void add_to(CLI::App& command, bool required);

  // How a network that takes images in this way is measured.
  MeasurementOptions measurement(const Preprocessing& preprocessing, MeasurementHooks hooks) const;
};

}  // namespace submask::cli
