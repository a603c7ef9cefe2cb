#include "run/process_files.h"

#include <cstdlib>
#include <system_error>

#include "base/fail.h"
#include "parallel/communicator.h"
#include "run/cascade_learning.h"
#include "run/learn_run.h"

namespace submask {
namespace fs = std::filesystem;

ProcessFiles::ProcessFiles() {
  if (communicator().is_first()) return;
  std::string name = (fs::temp_directory_path() / "submask-XXXXXX").string();
  if (mkdtemp(name.data()) == nullptr)
    fail(ErrorKind::io, "cannot create a folder in ", fs::temp_directory_path().string());
  folder_ = name;
}

ProcessFiles::~ProcessFiles() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

RunSpec ProcessFiles::redirected(RunSpec spec) const {
  if (folder_.empty()) return spec;
  LearnSpec* learn = spec.learn();
  if (learn == nullptr) return spec;
  const auto* cascade = std::get_if<CascadeSpec>(&spec.work);
  const fs::path asked = cascade != nullptr ? result_path(*cascade) : result_path(*learn);
  learn->out = (folder_ / asked.filename()).string();
  learn->log.clear();
  learn->tensorboard.clear();
  learn->changes.erase("checkpoint");
  return spec;
}

}  // namespace submask
