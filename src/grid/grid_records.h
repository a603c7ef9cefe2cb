// The results of a running grid: files in the folder that all runners share, and the database,
// which takes them over.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "grid/cell_name.h"
#include "grid/cell_run.h"

namespace submask {

class GridRecords {
 public:
  using Ended = std::function<void(size_t cell, const CellResult& result)>;

  // `grid` and `names` are those of the cells to run, and must outlive this object. `ended` is
  // called once for each distinct cell that has a result. `cells` is the folder; "": DB.cells.
  GridRecords(const Grid& grid, const std::vector<std::string>& names,
              const std::filesystem::path& db, const std::filesystem::path& cells, Ended ended);

  // `entries` are those of the whole grid, also of cells that are not to run. Returns whether they
  // replace others.
  bool put_grid(const std::vector<GridEntry>& entries) {
    return database_.put_grid(grid_.title, entries);
  }

  // Writes a result file for each cell that is done in the database, so that runners do not run it
  // again, unless another cell needs what it learned. A cell with an error gets the error as its
  // result. With `retry`, removes the result files of cells that failed. Then takes all result
  // files over into the database.
  void prepare(const std::map<std::string, CellError>& errors, bool retry);

  // Takes a cell's result file over into the database, once. Does nothing where there is no file
  // yet.
  void absorb(size_t cell);
  void absorb_all();

  bool has_result(size_t cell) const;
  void fail_cell(size_t cell, const std::string& error) const;

  // Returns the index of the first cell with this name.
  std::optional<size_t> index_of(const std::string& name) const;
  const std::filesystem::path& cells() const { return cells_; }
  bool any_failed() const { return !failed_.empty(); }
  // Whether the cell's result is in the database.
  bool has_ended(size_t cell) const { return absorbed_.contains(names_[cell]); }
  bool has_failed(size_t cell) const { return failed_.contains(names_[cell]); }
  size_t left() const { return distinct_cells_ - absorbed_.size(); }

  // Throws unavailable where cells failed or have no result.
  GridSummary summary() const;

 private:
  std::filesystem::path result_file(size_t cell) const;
  bool is_needed_again(size_t cell) const;

  const Grid& grid_;
  const std::vector<std::string>& names_;
  const std::filesystem::path cells_;
  ResultsDatabase database_;
  Ended ended_;
  const size_t distinct_cells_;              // by name
  std::set<std::string> absorbed_, failed_;  // names
  std::string first_error_;
};

}  // namespace submask
