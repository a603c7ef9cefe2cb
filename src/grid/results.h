// Results of grids in an SQLite database (WAL): cells by their names, and the cells of each grid.
//
// Only one process writes a database at a time. merge() adds the results of other databases, so
// that machines need not share one over a network. All functions throw corrupt_file (another kind
// of file, damage), unsupported_version (a database of a newer submask) and io (a full disk, no
// permission, another writer).
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
  std::string id;           // its name (cell_names())
  bool done = false;        // false: it failed
  std::string command;      // "train --method=fs ...", as it was run
  std::string result;       // JSON object, as the command prints it; empty where it failed
  std::string error;        // one line; empty where it is done
  std::string environment;  // JSON object: version, machine, threads and device
};

// The numbers of one epoch of a cell's training.
struct EpochMetrics {
  int64_t epoch = 0;    // from 1
  std::string metrics;  // JSON object (epoch_metrics())
};

// A cell's result as a JSON file, for runners that share a folder but no database. It is written
// atomically. Both functions throw io; reading also throws corrupt_file.
struct CellFile {
  CellResult cell;
  std::vector<EpochMetrics> epochs;
};
void write_cell_file(const std::filesystem::path& path, const CellFile& file);
CellFile read_cell_file(const std::filesystem::path& path);

// A cell of a grid.
struct GridEntry {
  std::string cell;  // its name (cell_names())
  // GridCell::labels
  std::vector<std::pair<std::string, std::string>> labels;

  bool operator==(const GridEntry&) const = default;
};

// What merge() did.
struct MergedCells {
  int64_t taken = 0;
  int64_t different = 0;  // done in both with other numbers; those that were here are kept
};

// The folder of what the cells of a grid learn: `cells`, or where it is empty the one beside the
// database.
inline std::filesystem::path cells_folder(const std::filesystem::path& cells,
                                          const std::filesystem::path& db) {
  return cells.empty() ? std::filesystem::path(db.string() + ".cells") : cells;
}

class ResultsDatabase {
 public:
  // Creates a missing database; throws io instead where `create` is false.
  explicit ResultsDatabase(const std::filesystem::path& path, bool create = true);
  ~ResultsDatabase();

  // Replaces the result and the epochs of this cell in one transaction.
  void put(const CellResult& cell, const std::vector<EpochMetrics>& epochs = {});
  std::optional<CellResult> find(const std::string& id) const;
  // The cells of a grid that have results, each once.
  std::vector<CellResult> cells_of(const std::string& grid) const;
  std::vector<EpochMetrics> epochs(const std::string& id) const;

  // Replaces the entries of a grid: all its cells in its order, with or without results. Returns
  // whether there were others.
  bool put_grid(const std::string& title, const std::vector<GridEntry>& entries);
  std::vector<std::string> grids() const;
  std::vector<GridEntry> entries(const std::string& title) const;

  // Takes over cells of another database: those that are done there and not here, and failed ones
  // that have no result here. Takes over grids that are not here. Times do not count as numbers,
  // nor do sizes of files, in which paths stand.
  MergedCells merge(const std::filesystem::path& other);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace submask
