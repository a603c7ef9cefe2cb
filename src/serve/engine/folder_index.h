// The index of a folder of tasks (.submask-serve.json): what was found of each good file, by its
// size, time and inode, so that a second start reads none of them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "serve/engine/held_file.h"
#include "serve/engine/task_listing.h"

namespace submask {

struct IndexedFile {
  FileMark mark;
  TaskListing listing;
};

class FolderIndex {
 public:
  // `identity` is that of the backbone over which the files were checked.
  FolderIndex(std::filesystem::path folder, std::string identity);

  // Nothing where there is no index, or none that can be used: all of it can be found again.
  std::vector<IndexedFile> read() const;

  // Writes nothing where the index would say what it says already: who watches the folder sees each
  // write of it. A folder that cannot be written to stays without one.
  void write(const std::vector<IndexedFile>& files);

  // Whether the file is old enough for the index: it may change again without a new time of change,
  // as the clock of the file system is coarse.
  static bool is_settled(const FileMark& mark);

 private:
  std::filesystem::path folder_;
  std::string identity_;
  std::string written_;
};

}  // namespace submask
