// Keeps the finished stages of a long run as files in its checkpoint folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <submask/weight_file.h>

namespace submask {

class StageStore {
 public:
  // Nothing is kept where `folder` is empty. `fingerprint` names the run (settings_record.h).
  StageStore(std::filesystem::path folder, std::string fingerprint);

  // Returns the result of a stage: from FOLDER/STAGE.safetensors where it was finished before, else
  // from `compute`, and then writes the file. Throws invalid_argument for a file of another run,
  // corrupt_file for a damaged one, io.
  TensorMap load_or_compute(const std::string& stage,
                            const std::function<TensorMap()>& compute) const;

 private:
  std::filesystem::path folder_;
  std::string fingerprint_;
};

}  // namespace submask
