// What the cells of a grid learned, read over the networks that they learned it on.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/task.h>

#include "report/analysis/grid_cells.h"

namespace submask {

using EpochTasks = std::map<int64_t, Task>;  // by epoch, from 1

class LearnedTasks {
 public:
  // `cells` is the folder with ID/learned.task and ID/learned.safetensors. A file that is not there
  // gets a line in `left_out`, and so does a cell over a TorchScript program, which runs only where
  // the user names it.
  LearnedTasks(std::filesystem::path cells, std::vector<std::string>& left_out)
      : cells_(std::move(cells)), left_out_(left_out) {}

  // The task of a cell that learned a mask. Throws what reading and unpacking it throws.
  std::optional<Task> task(const FinishedCell& cell);

  // The tasks that the cell kept of its epochs (submask train --keep-epochs), if any.
  EpochTasks epochs(const FinishedCell& cell);

  // By how much a cell that learned all weights changed them: those of all mask units, one after
  // another. Undefined where its file is not there.
  at::Tensor weight_change(const FinishedCell& cell);

 private:
  const Backbone* backbone(const FinishedCell& cell);
  std::optional<std::filesystem::path> file(const FinishedCell& cell, const char* name);

  std::filesystem::path cells_;
  std::vector<std::string>& left_out_;
  std::map<std::pair<std::string, std::string>, std::unique_ptr<Backbone>> backbones_;
};

}  // namespace submask
