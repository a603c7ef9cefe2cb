// What a run measures while it learns, for people and programs that watch: a CSV file and event
// files for TensorBoard.
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
  // A CSV file and a folder of event files; "": none. Throws what EpochTable does, and Error io
  // where no event file can be written.
  TrainingLog(const std::string& csv, std::string tensorboard);

  // Those given, and after each epoch its numbers are written. They refer to this log.
  TrainHooks hooks(TrainHooks hooks);

  // What was measured at the end, of a run of so many epochs. Throws Error io.
  void finish(int64_t epochs, const ResultJson& result);

 private:
  void put(const TrainProgress& progress);

  std::string tensorboard_;
  std::optional<EpochTable> table_;
  std::optional<EventFile> events_;  // begun with the first epoch
};

}  // namespace submask
