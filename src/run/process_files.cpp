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
  // mpirun removes the folder that it has for its processes, also when it ends them.
  const char* of_mpirun = std::getenv("PMIX_SERVER_TMPDIR");
  std::error_code ignored;
  const fs::path of_all = fs::temp_directory_path(ignored);
  for (const fs::path& place : {fs::path(of_mpirun == nullptr ? "" : of_mpirun), of_all}) {
    std::string name = (place / "submask-XXXXXX").string();
    if (place.empty() || mkdtemp(name.data()) == nullptr) continue;
    folder_ = name;
    return;
  }
  const char* asked = std::getenv("TMPDIR");
  fail(ErrorKind::io, "expected a folder for temporary files (TMPDIR), got ",
       asked == nullptr ? "none" : asked);
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
