// A file with the numbers of a run, which TensorBoard draws while the run goes on.
//
// One process writes a file. A run that was stopped and goes on writes another file into the same
// folder, and TensorBoard joins them. If the process is killed, only the last record of the file
// can be cut short, and readers ignore such a record.
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
  // Creates events.out.tfevents.SECONDS.HOST.PID.N in the folder, and a missing folder. Throws io.
  explicit EventFile(const std::filesystem::path& folder);
  ~EventFile();
  EventFile(const EventFile&) = delete;
  EventFile& operator=(const EventFile&) = delete;

  // Makes readers ignore what older files in the folder have for this step and for later ones.
  // Throws io.
  void restart(int64_t step);

  // Writes the numbers before it returns. Throws io; the file then ends before these numbers.
  void add(int64_t step, const Scalars& scalars);

  const std::filesystem::path& path() const { return path_; }

 private:
  void append(const std::string& event);

  std::filesystem::path path_;
  int descriptor_ = -1;
  int64_t size_ = 0;  // bytes of whole records
};

}  // namespace submask
