// The task and cascade files of a folder as they are served: watched, checked, each in its newest
// good version. Any thread may use it.
//
// A file is served once it was checked whole, decoded masks included. What replaces it is checked
// the same way; while that is broken or of another backbone the version before goes on, from the
// file as it was opened, and the reason is listed. What was found is kept in an index, and memory
// that nothing else needs is filled with the bits of tasks before they are asked for.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <submask/backbone.h>

#include "serve/engine/folder_checks.h"
#include "serve/engine/folder_index.h"
#include "serve/engine/folder_watch.h"
#include "serve/engine/served_file.h"
#include "serve/engine/task_listing.h"
#include "serve/engine/task_memory.h"

namespace submask {

class TaskFolder {
 public:
  // Told of files that are not served, and why, in a line each. Any thread of the folder calls it.
  using Note = FolderChecks::Note;

  // Reads the index and lists the folder; files that the index does not know are checked by a
  // thread of its own, or when they are asked for. `backbone` and `memory` must outlive it. Throws
  // io where the folder cannot be read.
  TaskFolder(
      const std::filesystem::path& folder, const Backbone& backbone, TaskMemory& memory,
      std::chrono::seconds rescan = std::chrono::seconds(30),
      Note note = [](const std::string&) {});
  ~TaskFolder();
  TaskFolder(const TaskFolder&) = delete;
  TaskFolder& operator=(const TaskFolder&) = delete;

  // The newest good version. Throws NoSuchTask, saying why where there is a file, and else which
  // name is similar where it `suggests` one: comparing names takes longer than finding one.
  std::shared_ptr<const ServedFile> open(const std::string& name, bool suggests = true);

  // Serves a task no more until load() is called for it. Throws NoSuchTask.
  void unload(const std::string& name);

  // Looks at the task's file now, and has it in memory. Throws as open().
  void load(const std::string& name);

  // Expands the weights of these tasks, and keeps those of whichever version is served. Throws as
  // open(), and invalid_argument where memory has fewer places.
  void pin(std::vector<std::string> names);

  std::vector<TaskListing> list() const { return files_.list(); }  // by name
  std::optional<TaskListing> find(const std::string& name) const { return files_.find(name); }
  size_t unchecked() const { return files_.unchecked(); }
  const std::filesystem::path& folder() const { return folder_; }

  // Why the folder cannot be read now, though it could at the start; "": it can. What was served
  // goes on.
  std::string trouble() const { return files_.trouble(); }

  // Looks at the whole folder now, and checks what is new.
  void refresh();

 private:
  void watch();
  bool check_new();                                    // false: memory is short
  FolderFilePointer next_unchecked() const;            // null at the end, too
  bool fill_memory_for(std::chrono::seconds longest);  // false: there is more to do
  void follow_pinned();
  NoSuchTask no_such_task(const std::string& name, bool suggests = true) const;
  void save_index();

  const std::filesystem::path folder_;
  TaskMemory& memory_;
  const std::chrono::seconds rescan_;
  const Note note_;
  FolderIndex index_;  // the watching thread's, once it runs
  FolderChecks files_;
  std::mutex mutex_;                         // of what is pinned
  std::vector<std::string> pinned_;          // names
  std::vector<std::string> pinned_digests_;  // of the files that are pinned now
  std::atomic<bool> is_stopping_ = false;
  FolderWatch watch_;
  std::thread thread_;
};

}  // namespace submask
