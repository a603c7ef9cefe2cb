#include <nlohmann/json.hpp>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "grid/results.h"

namespace submask {
namespace {

using nlohmann::json;

// In the file these are objects and not texts, so that people can read them; "" becomes null.
json json_or_null(const std::string& text) { return text.empty() ? json() : json::parse(text); }

std::string text_or_empty(const json& value) { return value.is_null() ? "" : json_text(value); }

}  // namespace

void write_cell_file(const std::filesystem::path& path, const CellFile& file) {
  const CellResult& cell = file.cell;
  json record = {{"id", cell.id},           {"done", cell.done},
                 {"command", cell.command}, {"result", json_or_null(cell.result)},
                 {"error", cell.error},     {"environment", json_or_null(cell.environment)}};
  json& epochs = record["epochs"] = json::array();
  for (const EpochMetrics& entry : file.epochs)
    epochs.push_back({{"epoch", entry.epoch}, {"metrics", json_or_null(entry.metrics)}});
  write_file_atomically(path, as_bytes(json_text(record) + "\n"));
}

CellFile read_cell_file(const std::filesystem::path& path) {
  try {
    const json record = json::parse(read_text_file(path));
    if (record.at("done") == true && !record.at("result").is_object())
      fail_corrupt("the result of a cell as an object", record.at("result").type_name(),
                   path.string());
    CellFile file{{record.at("id"), record.at("done"), record.at("command"),
                   text_or_empty(record.at("result")), record.at("error"),
                   text_or_empty(record.at("environment"))},
                  {}};
    for (const json& entry : record.at("epochs"))
      file.epochs.push_back({entry.at("epoch"), json_text(entry.at("metrics"))});
    return file;
  } catch (const json::exception& error) {
    fail_corrupt("the result of a cell", error.what(), path.string());
  }
}

}  // namespace submask
