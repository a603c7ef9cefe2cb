// The options of `submask train`, over the settings a recipe gives.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <string>
#include <vector>

#include <submask/train.h>

#include "cli/option/input_options.h"
#include "cli/option/shared_options.h"
#include "cli/option/text_options.h"
#include "cli/option/training_log_options.h"

namespace submask::cli {

// A recipe's settings for a method and backbone, with the options that all commands share.
TrainSettings method_settings(const std::string& recipe, const std::string& method,
                              const BackboneInfo& info, const SharedOptions& shared,
                              const InputOptions& input);

class TrainOptions {
 public:
  void add_to(CLI::App& command);

  // The recipe's settings for this backbone, changed by what the user gave. `classes` are the
  // training set's, for a clip head.
  TrainSettings settings(const BackboneInfo& backbone,
                         const std::vector<std::string>& classes) const;

  SharedOptions shared;
  BackboneOptions backbone;
  InputOptions input;
  TextOptions text;  // of a clip head
  std::string method = "fs";
  std::string recipe = "default";
  std::string out;
  int64_t tune = 0;
  bool keep_epochs = false;
  TrainingLogOptions log;
  // Of several runs with one --checkpoint, the folder below it of this one.
  std::string checkpoint_part;

 private:
  using Change = std::function<void(TrainSettings&)>;

  template <typename T>
  CLI::Option* add(CLI::App& command, const std::string& names, const std::string& help,
                   std::function<void(TrainSettings&, const T&)> change);
  void add_learning_options(CLI::App& command);
  void add_crop_options(CLI::App& command);
  void add_mask_options(CLI::App& command);
  void add_self_supervised_options(CLI::App& command);
  void add_swav_options(CLI::App& command);
  void add_dino_options(CLI::App& command);
  void add_run_options(CLI::App& command);

  std::vector<Change> changes_;  // in the order of the command line
};

template <typename T>
CLI::Option* TrainOptions::add(CLI::App& command, const std::string& names, const std::string& help,
                               std::function<void(TrainSettings&, const T&)> change) {
  return command.add_option_function<T>(
      names,
      [this, change](const T& value) {
        changes_.emplace_back(
            [change, value](TrainSettings& settings) { change(settings, value); });
      },
      help);
}

}  // namespace submask::cli
