#include "grid/slurm_script.h"

#include <cctype>
#include <filesystem>
#include <map>
#include <set>

#include "base/fail.h"
#include "base/shell_words.h"
#include "grid/cell_name.h"

namespace submask {
namespace {

constexpr size_t name_digits = 16;  // enough to tell cells apart

// Control characters become spaces, so that the comment is one line.
std::string comment_line(std::string text) {
  for (char& c : text)
    if (std::iscntrl(static_cast<unsigned char>(c)) != 0) c = ' ';
  return "# " + text + "\n";
}

std::string job_name(const std::string& title) {
  std::string name;
  for (const char c : title) name += std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '-';
  return name;
}

std::string array_setting(size_t tasks, int64_t side_by_side) {
  return text("--array=0-", tasks - 1, side_by_side > 0 ? text('%', side_by_side) : "");
}

}  // namespace

std::vector<SlurmTask> slurm_tasks(const Grid& grid, const std::vector<std::string>& names,
                                   const std::function<bool(size_t cell)>& is_left) {
  std::map<size_t, SlurmTask> tasks;  // by the index of the cell that the others of it measure
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (!is_left(i) || !seen.insert(names[i]).second) continue;
    SlurmTask& task = tasks[grid.cells[i].after.value_or(i)];
    if (task.cells.empty()) task.label = label_text(grid.cells[i]);
    task.cells.push_back(names[i]);
  }
  std::vector<SlurmTask> in_order;
  for (auto& [first, task] : tasks) in_order.push_back(std::move(task));
  return in_order;
}

std::string slurm_script(const SlurmScript& script, const std::vector<SlurmTask>& tasks) {
  std::vector<std::string> settings = {"--job-name=" + job_name(script.name),
                                       array_setting(tasks.size(), script.side_by_side),
                                       text("--cpus-per-task=", script.threads)};
  settings.insert(settings.end(), script.settings.begin(), script.settings.end());
  std::string text = "#!/bin/bash\n";
  for (const std::string& setting : settings) text += "#SBATCH " + setting + "\n";
  for (const std::string& comment : script.comments) text += comment_line(comment);
  text += "cells=(\n";
  for (const SlurmTask& task : tasks) {
    text += "  '";
    for (const std::string& name : task.cells)
      text += "--cell " + name.substr(0, name_digits) + " ";
    text.back() = '\'';
    text += "  " + comment_line(task.label);
  }
  return text + ")\n" + script.commands;
}

std::string slurm_plan(const std::string& file, const std::string& cells, int threads,
                       const Grid& grid, const std::vector<std::string>& names) {
  const std::string stem = std::filesystem::path(file).stem().string(),
                    folder = shell_word(cells.empty() ? stem + ".cells" : cells);
  SlurmScript script;
  script.name = stem;
  script.threads = threads;
  script.comments = {
      "In the folder that the grid's paths start from. Afterwards:",
      text("  submask grid merge ", shell_word(stem + ".sqlite"), " ", folder, "/task-*.sqlite")};
  script.commands = text(
      "mkdir -p ", folder, "\nexec submask grid run ", shell_word(file), " --cells ", folder,
      " --db ", folder, "/task-\"$SLURM_ARRAY_TASK_ID\".sqlite \\\n",
      "  --threads \"${SLURM_CPUS_PER_TASK:-1}\" --keep-going ${cells[$SLURM_ARRAY_TASK_ID]}\n");
  return slurm_script(script, slurm_tasks(grid, names, [](size_t) { return true; }));
}

}  // namespace submask
