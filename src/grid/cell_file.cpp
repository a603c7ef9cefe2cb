#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "grid/results.h"

namespace submask {
namespace {

using nlohmann::json;

// JSON within JSON stays readable; "" is null.
json parsed(const std::string& text) { return text.empty() ? json() : json::parse(text); }

std::string dumped(const json& value) { return value.is_null() ? "" : json_text(value); }

}  // namespace

void write_cell_file(const std::filesystem::path& path, const CellFile& file) {
  const CellResult& cell = file.cell;
  json record = {{"id", cell.id},           {"done", cell.done},
                 {"command", cell.command}, {"result", parsed(cell.result)},
                 {"error", cell.error},     {"environment", parsed(cell.environment)}};
  json& epochs = record["epochs"] = json::array();
  for (const EpochMetrics& each : file.epochs)
    epochs.push_back({{"epoch", each.epoch}, {"metrics", parsed(each.metrics)}});
  write_file_atomically(path, as_bytes(dumped(record) + "\n"));
}

CellFile read_cell_file(const std::filesystem::path& path) {
  try {
    const json record = json::parse(read_text_file(path));
    CellFile file{
        {record.at("id"), record.at("done"), record.at("command"), dumped(record.at("result")),
         record.at("error"), dumped(record.at("environment"))},
        {}};
    for (const json& each : record.at("epochs"))
      file.epochs.push_back({each.at("epoch"), dumped(each.at("metrics"))});
    return file;
  } catch (const json::exception& error) {
    fail_corrupt("the result of a cell", error.what(), path.string());
  }
}

}  // namespace submask
