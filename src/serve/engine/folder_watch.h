// Tells of changed files in a folder, by inotify.
#pragma once

#include <chrono>
#include <filesystem>
#include <set>
#include <string>

namespace submask {

struct FolderChanges {
  std::set<std::string> names;  // of files that came, went or were written
  bool is_all = false;          // some may be missing, or it is time: look at the whole folder
};

class FolderWatch {
 public:
  // Whatever happens meanwhile, a wait ends with is_all each time that `rescan` has passed: a
  // folder of a network tells nothing, and a link to a folder may lead to another one since.
  FolderWatch(const std::filesystem::path& folder, std::chrono::seconds rescan);
  ~FolderWatch();
  FolderWatch(const FolderWatch&) = delete;
  FolderWatch& operator=(const FolderWatch&) = delete;

  // Waits for changes, at most so long, or until wake() from any thread. The folder is looked at
  // as a whole for the first time before.
  FolderChanges wait(std::chrono::milliseconds longest);
  void wake();

 private:
  void read_events(FolderChanges& changes);
  void watch_again();

  std::filesystem::path folder_;
  const std::chrono::seconds rescan_;
  std::chrono::steady_clock::time_point next_rescan_;
  int events_ = -1, watch_ = -1;
  int wake_ = -1;
};

}  // namespace submask
