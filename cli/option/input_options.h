// The options shared by commands that run a network on images.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include <submask/dataset.h>
#include <submask/loader.h>

#include "cli/option/shared_options.h"
#include "evaluate/measurement.h"

namespace submask::cli {

// --backbone and --weights.
void add_backbone_options(CLI::App& command, BackboneSettings& backbone);

// These add one field of a table, for commands without the other fields.
void add_labels_option(CLI::App& command, DataOptions& data);
void add_pixel_limit_option(CLI::App& command, DataOptions& data);

struct InputOptions {
  DataOptions data;
  InputSettings input;
  std::string feature_cache;  // a folder; "": features are not kept

  void add_to(CLI::App& command, bool required);

  // How a network that takes images in this way is measured.
  MeasurementOptions measurement(const Preprocessing& preprocessing, MeasurementHooks hooks) const;
};

}  // namespace submask::cli
