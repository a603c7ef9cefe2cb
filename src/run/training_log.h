// Writes the numbers of a run while it learns: to a CSV file, and to event files for TensorBoard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <submask/train.h>

#include "run/epoch_table.h"
#include "run/event_file.h"
#include "run/result_json.h"

namespace submask {

class TrainingLog {
 public:
  // The path of a CSV file and a folder for event files; "": none. Throws as EpochTable does, and
  // io where no event file can be written.
  TrainingLog(const std::string& csv, std::string tensorboard);

  // Hooks that call `hooks` and write the numbers of each epoch. The log must outlive them.
  TrainHooks with_log(TrainHooks hooks);

  // Writes what was measured after the last epoch. Throws io.
  void finish(int64_t epochs, const ResultJson& result);

 private:
  void put(const TrainProgress& progress);

  std::string tensorboard_;
  std::optional<EpochTable> table_;
  std::optional<EventFile> events_;  // created when there is something to write
};

}  // namespace submask
