#include "grid/grid_records.h"

#include <algorithm>
#include <cassert>

#include "base/fail.h"
#include "base/output_file.h"

namespace submask {
namespace fs = std::filesystem;

GridRecords::GridRecords(const Grid& grid, const std::vector<std::string>& names,
                         const fs::path& db, const fs::path& cells, Ended ended)
    : grid_(grid),
      names_(names),
      cells_(cells_folder(cells, db)),
      database_(db),
      ended_(std::move(ended)),
      distinct_cells_(std::set<std::string>(names.begin(), names.end()).size()) {
  assert(names.size() == grid.cells.size());
}

fs::path GridRecords::result_file(size_t cell) const {
  return CellFiles(cells_, names_[cell], grid_.cells[cell]).result;
}

bool GridRecords::has_result(size_t cell) const { return fs::exists(result_file(cell)); }

void GridRecords::prepare(const std::map<std::string, CellError>& errors, bool retry) {
  make_folder(cells_);
  for (size_t i = 0; i < names_.size(); ++i) {
    const fs::path result = result_file(i);
    if (const auto error = errors.find(names_[i]); error != errors.end()) {
      fail_cell(i, error->second.message);
      continue;
    }
    if (fs::exists(result)) {
      if (retry && !read_cell_file(result).cell.done) fs::remove(result);
      continue;
    }
    const auto known = database_.find(names_[i]);
    if (!known || !known->done || is_needed_again(i)) continue;
    make_folder(result.parent_path());
    write_cell_file(result, {*known, database_.epochs(names_[i])});
  }
  absorb_all();
}

void GridRecords::fail_cell(size_t cell, const std::string& error) const {
  const fs::path result = result_file(cell);
  make_folder(result.parent_path());
  write_cell_file(result,
                  {{names_[cell], false, command_line(grid_.cells[cell].spec), "", error, ""}, {}});
}

// Whether a cell must run again although the database has its result. This is so where a cell
// without a result measures what it learned, because its files are gone.
bool GridRecords::is_needed_again(size_t cell) const {
  for (size_t i = cell + 1; i < names_.size(); ++i) {
    const auto after = grid_.cells[i].after;
    if (!after || names_[*after] != names_[cell] || has_result(i)) continue;
    const auto known = database_.find(names_[i]);
    if (!known || !known->done) return true;
  }
  return false;
}

void GridRecords::absorb(size_t cell) {
  if (absorbed_.contains(names_[cell]) || !has_result(cell)) return;
  const CellFile file = read_cell_file(result_file(cell));
  const auto known = database_.find(names_[cell]);
  if (!known || !known->done) database_.put(file.cell, file.epochs);
  absorbed_.insert(names_[cell]);
  ended_(cell, file.cell);
  if (file.cell.done) return;
  failed_.insert(names_[cell]);
  if (first_error_.empty()) first_error_ = label_text(grid_.cells[cell]) + ": " + file.cell.error;
}

void GridRecords::absorb_all() {
  for (size_t i = 0; i < names_.size(); ++i) absorb(i);
}

std::optional<size_t> GridRecords::index_of(const std::string& name) const {
  const auto found = std::find(names_.begin(), names_.end(), name);
  if (found == names_.end()) return std::nullopt;
  return static_cast<size_t>(found - names_.begin());
}

GridSummary GridRecords::summary() const {
  if (!failed_.empty())
    fail(ErrorKind::unavailable, failed_.size(), " of ", distinct_cells_, " cells failed, ", left(),
         " left; ", first_error_);
  if (left() > 0)
    fail(ErrorKind::unavailable, "expected workers until every cell had ended, got none: ", left(),
         " cells left");
  return {names_.size(), absorbed_.size()};
}

}  // namespace submask
