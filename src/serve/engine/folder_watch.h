// Tells of changed files in a folder, by inotify.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

namespace submask {

struct FolderChanges {
  std::set<std::string> names;  // of files that came, went or were written
  bool is_all = false;          // some may be missing: look at the whole folder
};

class FolderWatch {
 public:
  // Where the folder cannot be watched (a network's, none), every wait ends with is_all.
  explicit FolderWatch(const std::filesystem::path& folder);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Waits for changes, at most so long, or until wake() from any thread.
  FolderChanges wait(std::chrono::milliseconds longest);
  void wake();

 private:
  void read_events(FolderChanges& changes);
  void watch_again();

  std::filesystem::path folder_;
  int events_ = -1, watch_ = -1;
  int wake_ = -1;
};

}  // namespace submask
