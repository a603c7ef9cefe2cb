#include "grid/planned_cells.h"

#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/names.h"
#include "run/run_fields.h"

namespace submask {
namespace {

using nlohmann::json;

// {kind, options: [[name, word, ...], ...]} with the options that differ from the usual ones, as in
// a command line.
json record_of_spec(const RunSpec& spec) {
  const RunSpec usual = new_spec(kind_of(spec));
  json options = json::array();
  for (const Section<RunSpec>& section : run_fields(kind_of(spec)))
    for (const Field<RunSpec>& field : section.fields) {
      Words words = field.words(spec);
      if (words == field.words(usual)) continue;
      words = words_or_default(words);
      words.insert(words.begin(), field.name);
      options.push_back(std::move(words));
    }
  return {{"kind", name_of(kind_of(spec))}, {"options", options}};
}

RunSpec spec_of_record(const json& record) {
  RunSpec spec = new_spec(value_named<RunKind>(record.at("kind"), "a kind of run"));
  Assignments options;
  for (const json& option : record.at("options")) {
    auto words = option.get<Words>();
    const std::string name = words.at(0);
    words.erase(words.begin());
    options.emplace_back(name, std::move(words));
  }
  assign(spec, options);
  return spec;
}

}  // namespace

std::vector<uint8_t> write_planned_cells(const Grid& grid, const std::vector<std::string>& names) {
  json cells = json::array();
  for (size_t i = 0; i < names.size(); ++i) {
    json& cell = cells.emplace_back(record_of_spec(grid.cells[i].spec));
    cell["name"] = names[i];
    cell["labels"] = grid.cells[i].labels;
    if (grid.cells[i].after) cell["after"] = *grid.cells[i].after;
  }
  return json::to_cbor({{"version", grid.version}, {"cells", cells}});
}

PlannedCells read_planned_cells(const std::vector<uint8_t>& bytes, const std::string& place) {
  try {
    const json record = json::from_cbor(bytes);
    PlannedCells planned;
    planned.grid.version = record.at("version");
    for (const json& cell : record.at("cells")) {
      GridCell& read =
          planned.grid.cells.emplace_back(GridCell{spec_of_record(cell), cell.at("labels"), {}});
      if (cell.contains("after")) read.after = cell.at("after").get<size_t>();
      if (read.after && *read.after >= planned.names.size())
        fail_corrupt("an earlier cell to measure", *read.after, place);
      planned.names.push_back(cell.at("name"));
    }
    return planned;
  } catch (const json::exception& error) {
    fail_corrupt("the cells of a grid run", error.what(), place);
  }
}

}  // namespace submask
