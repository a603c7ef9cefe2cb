// Who runs a cell: files in a folder that processes on several machines may share.
//
// A lease is taken by linking a file of one's own to its name, which only one process can, and kept
// by counting up in it. A lease is dead where its process is known to be gone (the same machine),
// or where it has not changed for as long as `patience` by the looker's own steady clock: wall
// clocks, which differ and are set back, are never compared. A dead lease is taken over by renaming
// it away.
#pragma once

#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace submask {

struct LeaseOptions {
  double renew_seconds = 5;
  double patience_seconds = 60;
  std::function<double()> now;  // seconds of a steady clock; none: the system's
};

class RunLease {
 public:
  ~RunLease();  // lets go
  RunLease(const RunLease&) = delete;
  RunLease& operator=(const RunLease&) = delete;

  // Another process has taken it over, because this one seemed dead.
  bool lost() const;

  // Counts up, as its own thread does every few seconds.
  void renew();

 private:
  friend class LeaseFolder;
  RunLease(std::filesystem::path path, int descriptor, std::string holder, double renew_seconds);
  void keep_renewing(double seconds);

  std::filesystem::path path_;
  int descriptor_;
  std::string holder_;
  uint64_t count_ = 0;
  mutable std::mutex mutex_;
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread renewing_;
};

class LeaseFolder {
 public:
  // Made where there is none. Throws io.
  explicit LeaseFolder(std::filesystem::path folder, LeaseOptions options = {});

  // Null while another process holds it. Throws io.
  std::unique_ptr<RunLease> take(const std::string& name);

 private:
  struct Sight {
    std::string content;
    double since = 0;
  };

  bool is_dead(const std::string& name, const std::string& content);
  void remove_dead(const std::filesystem::path& path, const std::string& content) const;

  std::filesystem::path folder_;
  LeaseOptions options_;
  std::map<std::string, Sight> seen_;
};

}  // namespace submask
