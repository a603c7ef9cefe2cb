#include "taskfile/task_index.h"

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>

#include <submask/packed_task.h>

#include "base/fail.h"
#include "base/file.h"
#include "base/json_text.h"
#include "base/names.h"
#include "taskfile/task_origin.h"

namespace submask {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* index_name = ".submask-index.json";
constexpr int index_version = 2;

struct Entry {
  int64_t changed = 0;  // time of change, ns
  TaskSummary summary;
};
using Index = std::map<std::string, Entry>;

json to_json(const Entry& entry) {
  const TaskSummary& s = entry.summary;
  return {s.file,    entry.changed, s.bytes,    s.backbone,        s.weights_identity,
          s.method,  s.data,        s.accuracy, s.masked_fraction, s.weights,
          s.classes, s.profile,     s.error};
}

Entry entry_from_json(const json& row) {
  Entry entry;
  TaskSummary& s = entry.summary;
  s.file = row.at(0);
  entry.changed = row.at(1);
  s.bytes = row.at(2);
  s.backbone = row.at(3);
  s.weights_identity = row.at(4);
  s.method = row.at(5);
  s.data = row.at(6);
  s.accuracy = row.at(7);
  s.masked_fraction = row.at(8);
  s.weights = row.at(9);
  s.classes = row.at(10);
  s.profile = row.at(11);
  s.error = row.at(12);
  return entry;
}

// Returns an empty index for a missing or damaged file: all that it holds can be read from the
// tasks.
Index read_index(const fs::path& path) {
  Index index;
  try {
    const auto stored = parse_json<json>(read_text_file(path), path.string());
    if (stored.at("version") != index_version) return {};
    for (const json& row : stored.at("tasks")) {
      const Entry entry = entry_from_json(row);
      index[entry.summary.file] = entry;
    }
  } catch (const json::exception&) {
    return {};
  } catch (const Error&) {
    return {};
  }
  return index;
}

void write_index(const fs::path& path, const Index& index) {
  json rows = json::array();
  // A file may change again without a new time of change, as the clock of the file system is
  // coarse. The index therefore holds no file that changed in the last two seconds.
  const auto settled =
      (fs::file_time_type::clock::now() - std::chrono::seconds(2)).time_since_epoch().count();
  for (const auto& [name, entry] : index)
    if (entry.changed < settled) rows.push_back(to_json(entry));
  const std::string content = json_text(json{{"version", index_version}, {"tasks", rows}});
  try {
    write_file_atomically(path, as_bytes(content));
  } catch (const Error&) {  // a folder that cannot be written to
  }
}

TaskSummary summarise(const fs::path& path) {
  TaskSummary summary;
  try {
    const PackedTask task = read_packed_task(path);
    const TaskOrigin origin = origin_of(task.provenance);
    summary.backbone = task.backbone;
    summary.weights_identity = task.weights_identity;
    summary.method = origin.method;
    summary.data = origin.data;
    summary.accuracy = origin.accuracy.value_or(-1);
    summary.masked_fraction = task.masked_fraction();
    summary.weights = task.weights();
    summary.classes = std::ssize(task.classes);
    summary.profile = name_of(task.profile);
  } catch (const Error& error) {
    summary.error = error.what();
  }
  return summary;
}

}  // namespace

std::vector<TaskSummary> list_tasks(const fs::path& folder) {
  const Index known = read_index(folder / index_name);
  Index index;
  bool changed = false;
  try {
    for (const fs::directory_entry& file : fs::directory_iterator(folder)) {
      std::error_code broken_link;
      if (file.path().extension() != ".task" || !file.is_regular_file(broken_link)) continue;
      const std::string name = file.path().filename().string();
      const int64_t time = file.last_write_time().time_since_epoch().count();
      const uint64_t bytes = file.file_size();
      const auto found = known.find(name);
      Entry& entry = index[name];
      if (found != known.end() && found->second.changed == time &&
          found->second.summary.bytes == bytes) {
        entry = found->second;
        continue;
      }
      entry = {time, summarise(file.path())};
      entry.summary.file = name;
      entry.summary.bytes = bytes;
      changed = true;
    }
  } catch (const fs::filesystem_error& error) {
    fail(ErrorKind::io, "expected a folder of task files, got ", error.code().message(), ", in ",
         folder.string());
  }
  if (changed || index.size() != known.size()) write_index(folder / index_name, index);
  std::vector<TaskSummary> tasks;
  for (auto& [name, entry] : index) tasks.push_back(std::move(entry.summary));
  return tasks;
}

}  // namespace submask
