#include "run/task_list.h"

#include <algorithm>
#include <set>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "run/learn_run.h"
#include "run/run_fields.h"

namespace submask {
namespace {

// The options of each task, without the overrides.
std::vector<Assignments> read_tables(const std::string& path) {
  const toml::table file = parse_toml(path);
  const toml::array* tasks = file["task"].as_array();
  if (tasks == nullptr || !tasks->is_array_of_tables()) fail_toml("[[task]] tables", "none", path);
  const Assignments common = read_assignments(file, "task", path);
  std::vector<Assignments> list;
  for (const toml::node& node : *tasks)
    list.push_back(overridden(common, read_assignments(*node.as_table(), "", path)));
  return list;
}

// The name of a task's own folder in folders that all tasks share.
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

// Throws unless the tasks go together, each with files of its own.
void check_tasks(const std::vector<RunSpec>& list) {
  std::set<std::string> outs, logs;
  for (const RunSpec& spec : list) {
    if (spec.data.spec.empty()) fail_argument("data for each task", "none for one");
    const BackboneSettings &first = list.front().backbone, &other = spec.backbone;
    if (first.name != other.name || first.weights != other.weights ||
        first.checkpoint_key != other.checkpoint_key)
      fail_argument("one backbone for all tasks",
                    text(first.name, ' ', first.weights, " and ", other.name, ' ', other.weights));
    const auto& learn = std::get<LearnSpec>(spec.work);
    if (!outs.insert(result_path(learn)).second)
      fail_argument("an out of its own for each task", result_path(learn) + " twice");
    if (!learn.log.empty() && !logs.insert(learn.log).second)
      fail_argument("a log of its own for each task", learn.log + " twice");
  }
}

}  // namespace

std::vector<RunSpec> read_task_list(const std::string& path, const Assignments& overrides) {
  std::vector<RunSpec> list;
  const std::vector<Assignments> tables = read_tables(path);
  with_file_in_errors(ErrorKind::invalid_argument, path, [&] {
    for (const Assignments& options : tables)
      assign(list.emplace_back(new_spec(RunKind::learn)), overridden(options, overrides));
    check_tasks(list);
  });
  for (RunSpec& spec : list) separate_folders(std::get<LearnSpec>(spec.work));
  return list;
}

}  // namespace submask
