#include "grid/slurm_script.h"

#include <cctype>
#include <filesystem>
#include <map>
#include <set>

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

}  // namespace

std::string slurm_script(const SlurmOptions& options, const Grid& grid,
                         const std::vector<std::string>& names) {
  // The names of each task's cells, each name once, by the index of the task's first cell.
  std::map<size_t, std::vector<std::string>> tasks;
  std::set<std::string> seen;
  for (size_t i = 0; i < names.size(); ++i)
    if (seen.insert(names[i]).second)
      tasks[grid.cells[i].after.value_or(i)].push_back(names[i].substr(0, name_digits));

  const std::string stem = std::filesystem::path(options.file).stem().string(),
                    cells = options.cells.empty() ? stem + ".cells" : options.cells;
  std::string script = "#!/bin/bash\n#SBATCH --job-name=" + job_name(stem) +
                       "\n#SBATCH --array=0-" + std::to_string(tasks.size() - 1) +
                       "\n#SBATCH --cpus-per-task=" + std::to_string(options.threads) +
                       "\n# In the folder that the grid's paths start from. Afterwards:\n"
                       "#   submask grid merge " +
                       shell_word(stem + ".sqlite") + " " + shell_word(cells) +
                       "/task-*.sqlite\ncells=(\n";
  for (const auto& [first, members] : tasks) {
    script += "  '";
    for (const std::string& name : members) script += "--cell " + name + " ";
    script.back() = '\'';
    script += "  " + comment_line(label_text(grid.cells[first]));
  }
  script += ")\nmkdir -p " + shell_word(cells) + "\nexec submask grid run " +
            shell_word(options.file) + " --cells " + shell_word(cells) + " --db " +
            shell_word(cells) +
            "/task-\"$SLURM_ARRAY_TASK_ID\".sqlite \\\n  --threads "
            "\"${SLURM_CPUS_PER_TASK:-1}\" --keep-going ${cells[$SLURM_ARRAY_TASK_ID]}\n";
  return script;
}

}  // namespace submask
