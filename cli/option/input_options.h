// The options that name a backbone and a data set, as many commands take them.
#pragma once

#include <CLI/CLI.hpp>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/loader.h>
#include <submask/task_file.h>

#include "cli/option/shared_options.h"

namespace submask::cli {

struct BackboneOptions {
  std::string name;
  std::string weights;

  void add_to(CLI::App& command);
  // `task_backbone` names the backbone where --backbone does not.
  std::unique_ptr<Backbone> load(const SharedOptions& shared,
                                 const std::string& task_backbone = "") const;
};

// --labels and --pixel-limit, as every command about data has them.
void add_labels(CLI::App& command, std::string& labels);
void add_pixel_limit(CLI::App& command, int64_t& pixel_limit);

struct InputOptions {
  DataOptions data;
  bool skip_bad_images = false;
  bool fast_decode = false;
  CacheOptions cache;
  std::string feature_cache;  // a folder; "": features are not kept
  int workers = 2;
  int64_t batch_size = 64;
  int64_t input_size = 0;

  void add_to(CLI::App& command, bool required);
  void add_image_options(CLI::App& command);
  DataSplits open(const SharedOptions& shared) const;
  LoaderOptions loader() const;  // in order, everything once
  Transform test(const Preprocessing& preprocessing) const;
};

// Data sets as options name them, the last few kept open for the next run over the same images.
class OpenedData {
 public:
  // As InputOptions::open().
  DataSplits open(const InputOptions& input, const SharedOptions& shared);

 private:
  std::deque<std::pair<std::string, DataSplits>> opened_;  // the last one first
};

}  // namespace submask::cli
