#include "learn/training_checkpoint.h"

#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/json_text.h"
#include "learn/run_tensors.h"

namespace submask {
namespace fs = std::filesystem;

namespace {
constexpr RunTensorsFormat checkpoint_format{"submask-checkpoint", "a submask checkpoint"};

fs::path checkpoint_file(const fs::path& folder) { return folder / "checkpoint.safetensors"; }

// Reads a whole number that is `least` or more. The check comes first, because the JSON library
// silently converts a fraction or a number beyond int64.
int64_t read_count(const nlohmann::json& position, const char* key, int64_t least,
                   const fs::path& path) {
  const nlohmann::json& number = position.at(key);
  if (!number.is_number_integer() || number.get<int64_t>() < least)
    fail_corrupt(text("a position with ", key, " from ", least), number.dump(), path.string());
  return number;
}

// The JSON library writes doubles so that reading gives the same bits.
std::string position_text(const TrainingPosition& position) {
  const nlohmann::json stored = {{"epoch", position.epoch},
                                 {"batch", position.batch},
                                 {"loss_sum", position.loss_sum},
                                 {"correct", position.correct},
                                 {"seen", position.seen},
                                 {"best_accuracy", position.best_accuracy},
                                 {"best_epoch", position.best_epoch}};
  return json_text(stored);
}

// `path` is for messages.
TrainingPosition read_position(const std::string& text, const fs::path& path) {
  TrainingPosition position;
  try {
    const auto stored = nlohmann::json::parse(text);
    position.epoch = read_count(stored, "epoch", 0, path);
    position.batch = read_count(stored, "batch", 0, path);
    position.loss_sum = stored.at("loss_sum");
    position.correct = read_count(stored, "correct", 0, path);
    position.seen = read_count(stored, "seen", 0, path);
    position.best_accuracy = stored.at("best_accuracy");
    position.best_epoch = read_count(stored, "best_epoch", -1, path);
  } catch (const nlohmann::json::exception& error) {
    fail_corrupt("a position", error.what(), path.string());
  }
  return position;
}

}  // namespace

void write_training_checkpoint(const fs::path& folder, const std::string& fingerprint,
                               const TrainingPosition& position, const TensorMap& state) {
  write_run_tensors(checkpoint_file(folder), checkpoint_format, fingerprint, state,
                    {{"position", position_text(position)}});
}

std::optional<TrainingCheckpoint> read_training_checkpoint(const fs::path& folder,
                                                           const std::string& fingerprint) {
  const fs::path path = checkpoint_file(folder);
  if (!fs::exists(path)) return std::nullopt;
  WeightFile file = read_run_tensors(path, checkpoint_format, fingerprint);
  TrainingCheckpoint checkpoint;
  checkpoint.position = read_position(file.metadata["position"], path);
  checkpoint.state = std::move(file.tensors);
  return checkpoint;
}

TensorMap read_training_state(const fs::path& folder) {
  const fs::path path = checkpoint_file(folder);
  if (!fs::exists(path)) fail_argument("a folder with a checkpoint", "none in " + folder.string());
  return read_run_tensors(path, checkpoint_format, std::nullopt).tensors;
}

std::optional<TrainingCheckpoint> first_checkpoint(const Communicator& processes,
                                                   std::optional<TrainingCheckpoint> checkpoint) {
  if (processes.is_alone()) return checkpoint;
  const std::string position =
      processes.broadcast(checkpoint ? position_text(checkpoint->position) : "");
  if (position.empty()) return std::nullopt;
  const TensorMap state = processes.broadcast(checkpoint ? checkpoint->state : TensorMap());
  return TrainingCheckpoint{read_position(position, "the first process"), state};
}

}  // namespace submask
