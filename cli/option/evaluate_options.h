// The options of `submask evaluate`.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "cascade/cascade.h"
#include "cli/measure.h"
#include "cli/option/input_options.h"
#include "cli/option/shared_options.h"
#include "cli/option/text_options.h"

namespace submask::cli {

struct EvaluateOptions {
  SharedOptions shared;
  BackboneOptions backbone;
  InputOptions input;
  MeasureOptions measure;
  TextOptions text;
  std::string task;
  CascadeMode mode = CascadeMode::unconditional;
  std::string report;
  std::vector<std::string> methods;
  double probe_l2 = -1;

  void add_to(CLI::App& command);
};

}  // namespace submask::cli
