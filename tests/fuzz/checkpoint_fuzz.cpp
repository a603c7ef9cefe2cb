// Any bytes as the checkpoint of a run, as they are and with the name and checksum they should
// have. What reads is written again and reads the same.
#include <bit>
#include <cstdlib>
#include <filesystem>
#include <optional>

#include "learn/run_tensors.h"
#include "learn/training_checkpoint.h"
#include "memory_folder.h"
#include "reader_check.h"

namespace {
namespace fs = std::filesystem;

using submask::Bytes;
using submask::TrainingCheckpoint;
using submask::TrainingPosition;

constexpr const char* run = "run";

constexpr const char* file_name = "checkpoint.safetensors";

bool same(const TrainingPosition& a, const TrainingPosition& b) {
  const auto bits = [](double value) { return std::bit_cast<uint64_t>(value); };
  return a.epoch == b.epoch && a.batch == b.batch && bits(a.loss_sum) == bits(b.loss_sum) &&
         a.correct == b.correct && a.seen == b.seen &&
         bits(a.best_accuracy) == bits(b.best_accuracy) && a.best_epoch == b.best_epoch;
}

void check_again(const TrainingCheckpoint& read) {
  submask::write_training_checkpoint(submask::memory_folder(), run, read.position, read.state);
  const auto again = submask::read_training_checkpoint(submask::memory_folder(), run);
  if (!again || !same(again->position, read.position) || again->state.size() != read.state.size())
    std::abort();
  for (const auto& [name, tensor] : read.state)
    if (again->state.at(name).sizes() != tensor.sizes()) std::abort();
}

// The factor: a tensor of a few bytes has a name, a node and a few hundred bytes of LibTorch's; a
// shared one is written as often as it is named.
void check_checkpoint(Bytes bytes) {
  const auto read = [] {
    const auto checkpoint = submask::read_training_checkpoint(submask::memory_folder(), run);
    if (checkpoint) check_again(*checkpoint);
  };
  // Of another run it is the caller's error.
  submask::check_reader(bytes, /*factor=*/256, read, submask::ErrorKind::invalid_argument);
}

// Writes the tensors of the file with a right name and checksum. False where there are none.
bool seal(const fs::path& path) {
  try {
    submask::WeightFile file = submask::read_weight_file(path);
    submask::write_run_tensors(path, {"submask-checkpoint", "a submask checkpoint"}, run,
                               file.tensors, {{"position", file.metadata["position"]}});
    return true;
  } catch (const submask::Error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const Bytes bytes(data, size);
  submask::write_in_memory(file_name, bytes);
  check_checkpoint(bytes);
  if (seal(submask::write_in_memory(file_name, bytes))) check_checkpoint(bytes);
  return 0;
}
