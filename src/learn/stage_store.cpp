#include "learn/stage_store.h"

#include <utility>

#include "base/file.h"
#include "learn/run_tensors.h"
#include "parallel/communicator.h"

namespace submask {
namespace fs = std::filesystem;

namespace {
constexpr RunTensorsFormat stage_format{"submask-stage", "a stage of a run"};
}  // namespace

StageStore::StageStore(fs::path folder, std::string fingerprint)
    : folder_(std::move(folder)), fingerprint_(std::move(fingerprint)) {}

TensorMap StageStore::load_or_compute(const std::string& stage,
                                      const std::function<TensorMap()>& compute) const {
  // The first process has the folder; the others learn from it whether the stage is done.
  const Communicator& processes = communicator();
  const fs::path path = folder_ / (stage + ".safetensors");
  TensorMap tensors;
  if (!folder_.empty() && fs::exists(path))
    tensors = read_run_tensors(path, stage_format, fingerprint_).tensors;
  tensors = processes.broadcast(tensors);
  if (!tensors.empty()) return tensors;
  if (!folder_.empty()) check_writable(path);
  tensors = processes.broadcast(compute());
  if (!folder_.empty()) write_run_tensors(path, stage_format, fingerprint_, tensors);
  return tensors;
}

}  // namespace submask
