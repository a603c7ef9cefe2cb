// A CSV file with a line for each epoch. A run that goes on from a checkpoint keeps the lines
// before it and writes the later ones again, so that the file equals that of a run that was never
// stopped.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "run/result_json.h"

namespace submask {

class EpochTable {
 public:
  // Reads the table where the file exists; writes nothing yet. Throws io where writing would fail,
  // and corrupt_file where the file is not such a table: a wrong path must not destroy another
  // file.
  explicit EpochTable(std::filesystem::path path);

  // Removes the lines of this epoch and of later ones and adds a new line for it. If writing fails,
  // the old file stays as it was. Throws io.
  void put(int64_t epoch, const ResultJson& metrics);

  // Removes the lines after the last epoch of a run, which has this number of epochs. Throws io.
  void end_after(int64_t epochs);

 private:
  void read();
  void write() const;

  std::filesystem::path path_;
  std::map<int64_t, std::string> lines_;  // by epoch, from 1
};

}  // namespace submask
