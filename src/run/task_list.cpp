#include "run/task_list.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "run/learn_run.h"
#include "run/run_fields.h"

namespace submask {
namespace {

// What the file says of a task, without the overrides.
struct TaskTable {
  Assignments options;
  OptionPlaces places;
};

std::vector<TaskTable> read_tables(const std::string& path) {
  const toml::table file = parse_toml(path);
  const toml::array* tasks = file["task"].as_array();
  if (tasks == nullptr || !tasks->is_array_of_tables()) fail_toml("[[task]] tables", "none", path);
  const Assignments common = read_assignments(file, "task", path);
  std::vector<TaskTable> list;
  for (const toml::node& node : *tasks) {
    const toml::table& task = *node.as_table();
    OptionPlaces places = places_of(task, path);
    places.merge(places_of(file, path));
    list.push_back({overridden(common, read_assignments(task, "", path)), std::move(places)});
  }
  return list;
}

// Returns the name of a task's own folder within a folder that all tasks share.
std::string folder_name(const LearnSpec& learn) {
  std::string name = result_path(learn);
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

void separate_folders(LearnSpec& learn) {
  if (const auto checkpoint = learn.changes.find("checkpoint"); checkpoint != learn.changes.end())
    checkpoint->second = {checkpoint->second.front() + "/" + folder_name(learn)};
  // TensorBoard shows each folder as a run.
  if (!learn.tensorboard.empty()) learn.tensorboard += "/" + folder_name(learn);
}

// The same for all ways to write the path of a file.
std::string one_path(const std::string& path) {
  return std::filesystem::weakly_canonical(std::filesystem::absolute(path)).string();
}

// Throws invalid_argument unless every task has data, all tasks have the same backbone, and no two
// write the same file.
void check_tasks(const std::vector<ListedTask>& list) {
  std::set<std::string> outs, logs;
  for (const auto& [spec, places] : list) {
    if (spec.data.spec.empty()) fail_argument("data for each task", "none for one");
    const BackboneSettings &first = list.front().spec.backbone, &other = spec.backbone;
    if (first.name != other.name || first.weights != other.weights ||
        first.checkpoint_key != other.checkpoint_key)
      fail_argument("one backbone for all tasks",
                    text(first.name, ' ', first.weights, " and ", other.name, ' ', other.weights));
    const auto& learn = std::get<LearnSpec>(spec.work);
    if (!outs.insert(one_path(result_path(learn))).second)
      fail_argument("an out of its own for each task", result_path(learn) + " twice");
    if (!learn.log.empty() && !logs.insert(one_path(learn.log)).second)
      fail_argument("a log of its own for each task", learn.log + " twice");
  }
}

}  // namespace

std::vector<ListedTask> read_task_list(const std::string& path, const Assignments& overrides) {
  std::vector<ListedTask> list;
  std::vector<TaskTable> tables = read_tables(path);
  with_file_in_errors(ErrorKind::invalid_argument, path, [&] {
    for (auto& [options, places] : tables) {
      for (const auto& [name, words] : overrides) places.erase(name);
      ListedTask& task = list.emplace_back(ListedTask{new_spec(RunKind::learn), places});
      with_places_in_errors(task.places, [&, &options = options] {
        assign(task.spec, overridden(options, overrides));
      });
    }
    check_tasks(list);
  });
  for (ListedTask& task : list) separate_folders(std::get<LearnSpec>(task.spec.work));
  return list;
}

}  // namespace submask
