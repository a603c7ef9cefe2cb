// The options that make a head of class names, for CLIP backbones.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

#include "backbone/zero_shot.h"
#include "cli/option/input_options.h"

namespace submask::cli {

struct TextOptions {
  std::string vocabulary;
  std::string prompts;
  std::string weights;

  void add_to(CLI::App& command);

  // The text transformer comes from the backbone's own weight file unless another was named.
  ZeroShotOptions zero_shot(const BackboneOptions& backbone) const;
};

}  // namespace submask::cli
