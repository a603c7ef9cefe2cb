// Finished stages of a long run as files in its checkpoint folder.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include <submask/weight_file.h>

namespace submask {

class StageStore {
 public:
  // An empty folder name: nothing is kept. `fingerprint` is the run's (settings_record.h).
  StageStore(std::filesystem::path folder, std::string fingerprint);

  // What the stage came to: from FOLDER/stage.safetensors where it has ended before, else of
  // `compute`. Throws invalid_argument for a file of another run, corrupt_file for a damaged one.
  TensorMap result(const std::string& stage, const std::function<TensorMap()>& compute) const;

 private:
  void remove_unfinished(const std::filesystem::path& path) const;

  std::filesystem::path folder_;
  std::string fingerprint_;
};

}  // namespace submask
