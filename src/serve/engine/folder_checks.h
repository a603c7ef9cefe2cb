// The files of a folder as they were looked at and checked: which version of each is served, and
// why another is not. Any thread may use it; it has none of its own.
//
// A file is good once it was read whole and decoded. While a broken one lies in its place the
// version before goes on, from the file as it was opened.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <submask/backbone.h>
#include <submask/error.h>

#include "serve/engine/folder_files.h"
#include "serve/engine/served_file.h"
#include "serve/engine/task_listing.h"
#include "serve/engine/task_memory.h"
#include "serve/engine/task_reader.h"

namespace submask {

// No task of this name is served.
class NoSuchTask : public Error {
 public:
  explicit NoSuchTask(const std::string& message) : Error(ErrorKind::invalid_argument, message) {}
};

class FolderChecks {
 public:
  using Note = std::function<void(const std::string& line)>;

  // Knows no file yet. `backbone` and `memory` must outlive it.
  FolderChecks(const std::filesystem::path& folder, const Backbone& backbone, TaskMemory& memory,
               Note note);

  // What the index has, before the folder is looked at; and what it should have, where something
  // has changed since the last call.
  void restore(std::vector<IndexedFile> files);
  std::optional<std::vector<IndexedFile>> take_index();

  // Finds out which files want a check.
  void look_at_all();
  void look_at(const std::string& file_name);

  FolderFilePointer next_unchecked() const;  // null where none wants a check, or is being checked
  FolderFilePointer named(const std::string& name) const;  // null where there is none

  // Once, however many ask. Throws unavailable where memory is short now, which is no fault of the
  // file.
  void check(FolderFile& file, bool is_asked_for);

  // The newest good version. Throws NoSuchTask, saying why there is none.
  std::shared_ptr<const ServedFile> read(FolderFile& file);

  bool is_unloaded(const FolderFile& file) const;
  void set_unloaded(FolderFile& file, bool is_unloaded);
  std::string refusal_of(const FolderFile& file) const;  // of what is there now; "": none

  std::vector<TaskListing> list() const;  // by name
  std::optional<TaskListing> find(const std::string& name) const;
  std::vector<std::string> names(size_t most) const;                   // the first so many
  std::vector<std::string> digests_of(const std::string& name) const;  // that are served under it
  size_t unchecked() const;
  std::string trouble() const;  // why the folder cannot be read; "": it can

 private:
  bool is_new_to_pass_over(const std::string& name);
  void find_out(const std::string& file_name, bool is_asked_for, CheckedFile& found);
  bool goes_on(FolderFile& file);

  const std::filesystem::path folder_;
  TaskMemory& memory_;
  const TaskReader reader_;
  const Note note_;
  mutable std::mutex mutex_;
  FolderFiles files_;
  std::set<std::string> passed_over_;  // names that note_ was told of
  std::string trouble_;
};

}  // namespace submask
