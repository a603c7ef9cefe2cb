// The options of `submask cascade`: those of `submask train` without labels, and its own.
#pragma once

#include <CLI/CLI.hpp>

#include "cli/option/train_options.h"
#include "learn/train_cascade.h"

namespace submask::cli {

struct CascadeOptions {
  CascadeOptions() { train.method = "ssl-fs"; }
  CascadeOptions(const CascadeOptions&) = delete;  // the commands that parsed it refer to it
  CascadeOptions& operator=(const CascadeOptions&) = delete;

  void add_to(CLI::App& command);

  // The cascade's, with the settings of its training.
  CascadeSettings settings(const BackboneInfo& backbone,
                           const std::vector<std::string>& classes) const;

  TrainOptions train;
  SharedOptions& shared = train.shared;
  BackboneOptions& backbone = train.backbone;
  bool no_heads = false;

 private:
  CascadeSettings cascade_;  // but for its training
};

}  // namespace submask::cli
