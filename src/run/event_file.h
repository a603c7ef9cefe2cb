// Numbers of a run as an event file, which TensorBoard draws while the run goes on.
//
// A file belongs to one process; a run that was stopped and goes on writes another into the same
// folder, and TensorBoard joins them. Killed at any moment it holds whole records, but for one that
// the system itself cut short, which readers leave out.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace submask {

using Scalars = std::vector<std::pair<std::string, double>>;  // by tag; kept in single precision

class EventFile {
 public:
  // A new file events.out.tfevents.SECONDS.HOST.PID.N in the folder, which is made where it is
  // missing. Throws Error io.
  explicit EventFile(const std::filesystem::path& folder);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  // What older files in the folder say of this step and of later ones no longer counts. Throws
  // Error io.
  void restart(int64_t step);

  // In the file when it returns. Throws Error io; the file then ends before these numbers.
  void add(int64_t step, const Scalars& scalars);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& event);

  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;  // bytes, of whole records
};

}  // namespace submask
