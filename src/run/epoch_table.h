// A CSV file with a line an epoch. A run that goes on from a checkpoint keeps the lines before it
// and writes the later ones anew, so that the file is that of a run that was never stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "run/result_json.h"

namespace submask {

class EpochTable {
 public:
  // Nothing is written yet. Throws Error io where that would fail; corrupt_file where the file is
  // there and is no such table, so that no other file is lost by a slip.
  explicit EpochTable(std::filesystem::path path);

  // The epoch's line in place of what the file says of it and of later ones. The file is the old
  // one or the whole new one. Throws Error io.
  void put(int64_t epoch, const ResultJson& metrics);

  // At the run's end: there are no more epochs than these.
  void end_after(int64_t epochs);

 private:
  void read();
  void write() const;

  std::filesystem::path path_;
  std::map<int64_t, std::string> lines_;  // by epoch
};

}  // namespace submask
