// Where the processes of one run write. The first one writes the files that the user asked for;
// what the others write lands in a folder of their own, which is removed, so that all processes can
// do the same and none needs a disk that they share.
#pragma once

#include <filesystem>

#include <submask/run.h>

namespace submask {

class ProcessFiles {
 public:
  ProcessFiles();
  ~ProcessFiles();
  ProcessFiles(const ProcessFiles&) = delete;
  ProcessFiles& operator=(const ProcessFiles&) = delete;

  // The run with this process's files. Collective calls in the run hand the first process's
  // checkpoints and kept stages to the others.
  RunSpec redirected(RunSpec spec) const;

 private:
  std::filesystem::path folder_;  // "": this is the first process
};

}  // namespace submask
