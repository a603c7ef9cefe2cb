// The state of a run on disk. A run may be killed at any moment; the same command then goes on and
// gives the same bits.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include <submask/weight_file.h>

#include "parallel/communicator.h"

namespace submask {

// The position of a run. It holds sums so that an epoch reports the same numbers after an
// interruption.
struct TrainingPosition {
  int64_t epoch = 0;    // from 0
  int64_t batch = 0;    // batches of this epoch that are done
  double loss_sum = 0;  // over `seen` images
  int64_t correct = 0;
  int64_t seen = 0;
  double best_accuracy = -1;  // on the validation set; < 0: none yet
  int64_t best_epoch = -1;    // -1: none yet
};

struct TrainingCheckpoint {
  TrainingPosition position;
  TensorMap state;
};

// Replaces the folder's checkpoint atomically. Throws io.
void write_training_checkpoint(const std::filesystem::path& folder, const std::string& fingerprint,
                               const TrainingPosition& position, const TensorMap& state);

// Returns nothing where the folder has no checkpoint. Throws invalid_argument for a checkpoint of
// another run (by fingerprint), corrupt_file for a damaged one.
std::optional<TrainingCheckpoint> read_training_checkpoint(const std::filesystem::path& folder,
                                                           const std::string& fingerprint);

// Returns the state in the folder's checkpoint, of whatever run. Throws invalid_argument where
// there is none, corrupt_file.
TensorMap read_training_state(const std::filesystem::path& folder);

// Returns the checkpoint of the first process on all of them, which may have read none themselves.
// Collective.
std::optional<TrainingCheckpoint> first_checkpoint(const Communicator& processes,
                                                   std::optional<TrainingCheckpoint> checkpoint);

}  // namespace submask
