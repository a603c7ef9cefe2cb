#include "grid/cell_name.h"

#include <set>

#include "base/fail.h"
#include "base/hash.h"
#include "base/json_text.h"
#include "run/option_places.h"
#include "run/run_record.h"

namespace submask {
namespace {

std::string hash_of(int64_t version, const nlohmann::json& run) {
  const nlohmann::json record = {{"version", version}, {"run", run}};
  return sha256_hex(as_bytes(json_text(record)));
}

}  // namespace

std::string label_text(const GridCell& cell) {
  std::string joined;
  for (const auto& [name, value] : cell.labels)
    joined.append(joined.empty() ? "" : ", ").append(name).append(" ").append(value);
  return joined;
}

std::string cell_name(int64_t version, const RunSpec& spec, const std::string& after,
                      Opened& opened) {
  return hash_of(version, run_record(spec, after, opened));
}

NamedCells name_cells(const Grid& grid) {
  Opened opened;
  NamedCells named;
  for (const GridCell& cell : grid.cells) {
    const std::string after = cell.after ? named.names[*cell.after] : "";
    try {
      if (named.errors.contains(after))
        fail(ErrorKind::unavailable, "expected the cell that it measures, got an error of it");
      check_texts(cell.spec, opened);
      named.names.push_back(cell_name(grid.version, cell.spec, after, opened));
    } catch (const Error& error) {
      named.names.push_back(hash_of(grid.version, {command_line(cell.spec), after}));
      const std::string place = place_of_error(cell.places, error);
      named.errors.try_emplace(
          named.names.back(),
          CellError{error.kind(), text(error.what(), ", in the cell ", label_text(cell),
                                       place.empty() ? "" : ", in ", place)});
    }
  }
  return named;
}

void throw_first_error(const NamedCells& named) {
  for (const std::string& name : named.names)
    if (const auto error = named.errors.find(name); error != named.errors.end())
      throw Error(error->second.kind, error->second.message);
}

std::vector<std::string> cell_names(const Grid& grid) {
  const NamedCells named = name_cells(grid);
  throw_first_error(named);
  return named.names;
}

void keep_cells(const std::vector<std::string>& wanted, Grid& grid,
                std::vector<std::string>& names) {
  std::vector<bool> kept(names.size());
  for (const std::string& beginning : wanted) {
    std::set<std::string> found;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!names[i].starts_with(beginning)) continue;
      found.insert(names[i]);
      kept[i] = true;
      if (grid.cells[i].after) kept[*grid.cells[i].after] = true;
    }
    if (found.size() != 1)
      fail_argument("the name of a cell or the beginning of one",
                    text("'", beginning, "', which ", found.size(), " cells have"));
  }
  std::vector<size_t> new_index(names.size());
  size_t count = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!kept[i]) continue;
    new_index[i] = count;
    if (auto& after = grid.cells[i].after) after = new_index[*after];
    if (i != count) {
      grid.cells[count] = std::move(grid.cells[i]);
      names[count] = std::move(names[i]);
    }
    ++count;
  }
  grid.cells.resize(count);
  names.resize(count);
}

}  // namespace submask
