#include "learn/stage_store.h"

#include <utility>

#include "base/fail.h"
#include "base/output_file.h"

namespace submask {
namespace fs = std::filesystem;

namespace {
constexpr const char* format_name = "submask-stage";
}  // namespace

StageStore::StageStore(fs::path folder, std::string fingerprint)
    : folder_(std::move(folder)), fingerprint_(std::move(fingerprint)) {}

TensorMap StageStore::load_or_compute(const std::string& stage,
                                      const std::function<TensorMap()>& compute) const {
  if (folder_.empty()) return compute();
  const fs::path path = folder_ / (stage + ".safetensors");
  if (fs::exists(path)) {
    WeightFile file = read_weight_file(path);
    if (file.metadata["format"] != format_name)
      fail_corrupt("a stage of a run", file.format + " of another kind", path.string());
    if (file.metadata["run"] != fingerprint_)
      fail(ErrorKind::invalid_argument,
           "expected a checkpoint of this run, got one of other settings, data or backbone, in ",
           path.string(), ": remove it or name another folder");
    return std::move(file.tensors);
  }
  check_writable(path);
  remove_unfinished_writes(path);
  TensorMap tensors = compute();
  write_safetensors(path, tensors, {{"format", format_name}, {"run", fingerprint_}});
  return tensors;
}

}  // namespace submask
