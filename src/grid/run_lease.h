// Leases say which process runs a cell. They are files in a folder that processes on several
// machines may share.
//
// A process takes a lease by linking a new file to the lease's name, which only one process can do,
// and keeps it by counting up in the file. A lease is dead if its process is known to be gone (on
// the same machine), if it was taken in an earlier attempt at the job that looks, or if the file
// has not changed for patience_seconds by the steady clock of the process that looks. Wall clocks
// are never compared, because they differ and can be set back. To take over a dead lease, a process
// first renames it.
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
  std::function<double()> now = {};  // seconds of a steady clock; empty: the system's clock
  // The job of a scheduler whose only process this is; "": none. A lease of the same job was taken
  // in an earlier attempt at it, which is over: a scheduler starts a job again when a node failed.
  std::string job = {};
};

class RunLease {
 public:
  ~RunLease();  // gives the lease back
  RunLease(const RunLease&) = delete;
  RunLease& operator=(const RunLease&) = delete;

  // Whether another process has taken the lease over, because this process seemed dead.
  bool lost() const;

  // Counts up in the file. The lease's thread calls this every renew_seconds.
  void renew();

 private:
  friend class LeaseFolder;
  RunLease(std::filesystem::path path, int descriptor, std::string holder, double renew_seconds);
  void keep_renewing(double seconds);

  std::filesystem::path path_;
  int descriptor_;
  std::string holder_;  // text that names this process
  uint64_t count_ = 0;
  mutable std::mutex mutex_;  // guards count_ and ending_
  std::condition_variable ended_;
  bool ending_ = false;
  std::thread renewing_;
};

class LeaseFolder {
 public:
  // Creates a missing folder. Throws io.
  explicit LeaseFolder(std::filesystem::path folder, LeaseOptions options = {});

  // Returns null while another process holds the lease. Throws io.
  std::unique_ptr<RunLease> take(const std::string& name);

  // Whether a process holds the lease that is not known to be dead.
  bool is_held(const std::string& name);

 private:
  struct Sighting {
    std::string content;
    double since = 0;  // seconds, by LeaseOptions::now
  };

  bool is_dead(const std::string& name, const std::string& content);
  void remove_dead(const std::filesystem::path& path, const std::string& content) const;

  std::filesystem::path folder_;
  LeaseOptions options_;
  std::map<std::string, Sighting> seen_;  // leases of other processes, by name
};

}  // namespace submask
