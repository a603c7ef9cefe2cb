// The tasks of a folder at a glance. What was read of a file stands in an index beside the files
// (.submask-index.json), and is read again only where size or time of change are others.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace submask {

struct TaskSummary {
  std::string file;  // its name in the folder
  uint64_t bytes = 0;
  std::string backbone;
  std::string weights_identity;
  std::string method;  // method, data and accuracy as the file's provenance has them
  std::string data;
  double accuracy = -1;  // negative: not known
  double masked_fraction = 0;
  int64_t weights = 0;
  int64_t classes = 0;
  std::string profile;
  std::string error;  // why the file could not be read, with the rest empty; else empty
};

// Of every file *.task, sorted by name. A folder that cannot be written to is listed all the same,
// without an index. Throws io where the folder cannot be read.
std::vector<TaskSummary> list_tasks(const std::filesystem::path& folder);

}  // namespace submask
