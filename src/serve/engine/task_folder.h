// The task and cascade files of a folder as they are served: watched, checked, each in its newest
// good version. Any thread may use it.
//
// A file is served once it was checked whole, decoded masks included. What replaces it is checked
// the same way; while that is broken or of another backbone the version before goes on, from the
// file as it was opened, and the reason is listed. An index in the folder (.submask-serve.json)
// keeps what was found of each file by size, time and inode, so that a second start reads none.
// Memory that nothing else needs is filled with the bits of tasks before they are asked for.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <submask/backbone.h>
#include <submask/error.h>

#include "serve/engine/folder_watch.h"
#include "serve/engine/held_file.h"
#include "serve/engine/served_file.h"
#include "serve/engine/task_memory.h"

namespace submask {

// No task of this name is served.
class NoSuchTask : public Error {
 public:
  explicit NoSuchTask(const std::string& message) : Error(ErrorKind::invalid_argument, message) {}
};

// What is known of a served file without reading it.
struct TaskListing {
  std::string name;
  std::string version;  // "": not checked yet, or never good
  bool is_cascade = false;
  uint64_t file_bytes = 0;
  int64_t classes = 0;
  double masked_fraction = 0;
  double accuracy = -1;  // of its provenance; negative: not known
  std::string method = {}, data = {};
  std::string error =
      {};  // why the file that is there now is not served; "": it is, or was not checked
  bool is_unloaded = false;  // by unload()
};

class TaskFolder {
 public:
  // Told of files that are not served, and why, in a line each. Any thread of the folder calls it.
  using Note = std::function<void(const std::string& line)>;

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

  // The newest good version. Throws NoSuchTask, saying why where there is a file.
  std::shared_ptr<const ServedFile> open(const std::string& name);

  // Serves a task no more until load() is called for it. Throws NoSuchTask.
  void unload(const std::string& name);

  // Looks at the task's file now, and has it in memory. Throws as open().
  void load(const std::string& name);

  // Expands the weights of these tasks, and keeps those of whichever version is served. Throws as
  // open(), and invalid_argument where memory has fewer places.
  void pin(std::vector<std::string> names);

  std::vector<TaskListing> list() const;  // by name
  std::optional<TaskListing> find(const std::string& name) const;
  size_t unchecked() const;
  const std::filesystem::path& folder() const { return folder_; }

  // Why the folder cannot be read now, though it could at the start; "": it can. What was served
  // goes on.
  std::string trouble() const;

  // Looks at the whole folder now, and checks what is new.
  void refresh();

 private:
  struct Entry;
  using EntryPointer = std::shared_ptr<Entry>;
  struct ParsedFile {
    std::shared_ptr<ServedFile> file;
    uint64_t bytes;  // on disk
    double seconds;  // that parsing it took
  };

  void watch();
  void look_at_all();
  void look_at(const std::string& file_name);
  void remove(const std::string& file_name);
  EntryPointer next_unchecked() const;
  EntryPointer entry_named(const std::string& name) const;
  bool is_second_of_its_name(const Entry& entry) const;
  void check(Entry& entry, bool is_asked_for);
  void keep_bits(const ServedFile& file);
  bool fill_memory(std::chrono::seconds longest);  // false: there is more to do
  void follow_pinned();
  NoSuchTask no_such_task(const std::string& name) const;
  void check_size(const HeldFile& file, const std::string& name) const;
  std::shared_ptr<const ServedFile> read(Entry& entry);
  ParsedFile parse(const std::filesystem::path& path, const std::string& content) const;
  std::shared_ptr<const ServedFile> load(ParsedFile child, bool is_kept);
  void load_index();
  void save_index();

  std::filesystem::path folder_;
  const Backbone& backbone_;
  TaskMemory& memory_;
  std::chrono::seconds rescan_;
  const Note note_;
  mutable std::mutex mutex_;
  std::map<std::string, EntryPointer> entries_;  // by the file's name
  std::vector<std::string> pinned_;              // names
  std::vector<std::string> pinned_versions_;     // that are pinned now
  std::set<std::string> passed_over_;            // names that note_ was told of
  std::string trouble_;
  bool is_stopping_ = false;
  bool is_index_old_ = false;
  FolderWatch watch_;
  std::thread thread_;
};

}  // namespace submask
