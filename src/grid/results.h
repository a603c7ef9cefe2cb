// Results of grids in an SQLite database (WAL): cells by their names, and the grids they belong to.
//
// One process writes a database at a time; what others wrote elsewhere is merged in, so that no
// file is shared over a network. All throw corrupt_file (another kind of file, damage),
// unsupported_version (of a newer submask) and io (a full disk, no permission, another writer).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace submask {

struct CellResult {
  std::string id;           // cell_id()
  bool done = false;        // false: it failed
  std::string command;      // "train --method=fs ...", as it was run
  std::string result;       // JSON object, as the command prints it; empty where it failed
  std::string error;        // one line; empty where it is done
  std::string environment;  // JSON object: what it ran on
};

// What was measured in one epoch of a cell's training, as a JSON object.
struct EpochMetrics {
  int64_t epoch = 0;  // from 1
  std::string metrics;
};

// A cell's result as a file (JSON), for runners that share a folder but no database: atomically.
// Throw io; reading: also corrupt_file.
struct CellFile {
  CellResult cell;
  std::vector<EpochMetrics> epochs;
};
void write_cell_file(const std::filesystem::path& path, const CellFile& file);
CellFile read_cell_file(const std::filesystem::path& path);

// A cell as a grid calls it: names and values in the order of its axes.
struct GridEntry {
  std::string cell;
  std::vector<std::pair<std::string, std::string>> labels;
};

class ResultsDatabase {
 public:
  // Made where there is none, or, with `make` false, an error.
  explicit ResultsDatabase(const std::filesystem::path& path, bool make = true);
  ~ResultsDatabase();

  // In place of what was there of this cell, in one transaction.
  void put(const CellResult& cell, const std::vector<EpochMetrics>& epochs = {});
  std::optional<CellResult> find(const std::string& id) const;
  std::vector<CellResult> cells_of(const std::string& grid) const;  // that have results, each once
  std::vector<EpochMetrics> epochs(const std::string& id) const;

  // The cells that a grid has now, in its order, whether they have results or not.
  void put_grid(const std::string& title, const std::vector<GridEntry>& entries);
  std::vector<std::string> grids() const;
  std::vector<GridEntry> entries(const std::string& title) const;

  // Takes over grids, done cells and failed ones that are not done here. The number of cells.
  int64_t merge(const std::filesystem::path& other);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace submask
