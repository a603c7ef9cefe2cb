#include "learn/stage_store.h"

#include <utility>

#include "base/file.h"
#include "learn/run_tensors.h"

namespace submask {
namespace fs = std::filesystem;

namespace {
constexpr RunTensorsFormat stage_format{"submask-stage", "a stage of a run"};
}  // namespace

StageStore::StageStore(fs::path folder, std::string fingerprint)
    : folder_(std::move(folder)), fingerprint_(std::move(fingerprint)) {}

TensorMap StageStore::load_or_compute(const std::string& stage,
                                      const std::function<TensorMap()>& compute) const {
  if (folder_.empty()) return compute();
  const fs::path path = folder_ / (stage + ".safetensors");
  if (fs::exists(path)) return read_run_tensors(path, stage_format, fingerprint_).tensors;
  check_writable(path);
  TensorMap tensors = compute();
  write_run_tensors(path, stage_format, fingerprint_, tensors);
  return tensors;
}

}  // namespace submask
