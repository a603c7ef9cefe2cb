// What a running grid knows of its cells: result files in the folder that runners share, and the
// database that takes them over.
#pragma once

#include <filesystem>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "grid/cell_name.h"
#include "grid/cell_run.h"

namespace submask {

class GridRecords {
 public:
  using Ended = std::function<void(size_t cell, const CellResult& result)>;

  // `grid` and `names`, of the cells to run, must outlive it. `ended` is told of each distinct cell
  // once.
  GridRecords(const Grid& grid, const std::vector<std::string>& names,
              const std::filesystem::path& db, std::filesystem::path cells, Ended ended);

  // `entries`: of the whole grid.
  void put_grid(const std::vector<GridEntry>& entries) { database_.put_grid(grid_.title, entries); }

  // What the database knows, runners need not do again; what they did before, it takes over. Cells
  // with an error get it as their result. `retry`: what failed before counts as not run.
  void prepare(const std::map<std::string, CellError>& errors, bool retry);

  // A cell's result file into the database, once; nothing where there is none yet.
  void absorb(size_t cell);
  void absorb_all();

  bool has_result(size_t cell) const;
  void fail_cell(size_t cell, const std::string& error) const;

  size_t index_of(const std::string& name) const;  // of the first cell of the name
  const std::filesystem::path& cells() const { return cells_; }
  bool any_failed() const { return !failed_.empty(); }

  // Throws unavailable where cells failed or have no result.
  GridSummary summary() const;

 private:
  std::filesystem::path result_file(size_t cell) const;
  bool needed_again(size_t cell) const;

  const Grid& grid_;
  const std::vector<std::string>& names_;
  const std::filesystem::path cells_;
  ResultsDatabase database_;
  Ended ended_;
  const size_t distinct_;  // cells that are run
  std::set<std::string> absorbed_, failed_;
  std::string first_error_;
};

}  // namespace submask
