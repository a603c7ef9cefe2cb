// What a run measures while it learns, for people and programs that watch: a CSV file and event
// files for TensorBoard.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <submask/train.h>

#include "cli/option/training_log_options.h"
#include "cli/output/epoch_table.h"
#include "run/event_file.h"

namespace submask::cli {

class TrainingLog {
 public:
  // Throws what EpochTable does, and Error io where no event file can be written.
  explicit TrainingLog(const TrainingLogOptions& options);

  // Those given, and after each epoch its numbers are written. They refer to this log.
  TrainHooks hooks(TrainHooks hooks);

  // What was measured at the end, of a run of so many epochs. Throws Error io.
  void finish(int64_t epochs, const Json& result);

 private:
  void put(const TrainProgress& progress);
  EventFile& events();

  TrainingLogOptions options_;
  std::optional<EpochTable> table_;
  std::optional<EventFile> events_;  // begun when there is something to write
};

}  // namespace submask::cli
