// Lists the tasks of a folder. An index in the folder (.submask-index.json) keeps what was read of
// each file, and a file is read again only when its size or its time of change has changed.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace submask {

struct TaskSummary {
  std::string file;  // name in the folder
  uint64_t bytes = 0;
  std::string backbone;
  std::string weights_identity;
  std::string method;  // method, data and accuracy are as TaskOrigin has them
  std::string data;
  double accuracy = -1;  // negative: not known
  double masked_fraction = 0;
  int64_t weights = 0;
  int64_t classes = 0;
  std::string profile;
  // Why the file could not be read, with only file and bytes set beside it; empty for a good file.
  std::string error;
};

// Returns one summary for each file *.task, sorted by name. A folder that cannot be written to is
// listed as well, and then gets no index. Throws io where the folder cannot be read.
std::vector<TaskSummary> list_tasks(const std::filesystem::path& folder);

}  // namespace submask
