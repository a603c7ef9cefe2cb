#include "grid/slurm_settings.h"

#include "base/fail.h"
#include "base/shell_words.h"

namespace submask {
namespace {

void check_one_line(const std::string& option, const std::string& value) {
  if (in_one_line(value) != value)
    fail_argument("one line for --" + option, "'" + in_one_line(value) + "'");
}

}  // namespace

const Fields<SlurmSettings>& slurm_fields() {
  using S = SlurmSettings;
  constexpr Effect none = Effect::nothing;
  static const Fields<S> table = {
      {"Slurm",
       {{"gpus-per-task",
         &S::gpus_per_task,
         "GPUs of each task; --device says how cells use them",
         {.range = within(0, 1024), .effect = none}},
        {"time",
         &S::time,
         "Longest time of a task as sbatch takes it, such as 30 (minutes) or 4:00:00; a task that "
         "reached it goes on from its checkpoint",
         {.effect = none, .type_name = "TIME"}},
        {"partition", &S::partition, "Partition of the cluster", {.effect = none}},
        {"account", &S::account, "Account that pays", {.effect = none}},
        {"constraint", &S::constraint, "Features that nodes must have", {.effect = none}},
        {"sbatch",
         &S::sbatch,
         "More options of sbatch, such as '--mem=8G --exclusive'; give it again for more",
         {.effect = none, .type_name = "OPTIONS"}}}}};
  return table;
}

std::vector<std::string> sbatch_settings(const SlurmSettings& settings) {
  std::vector<std::string> lines;
  const auto add = [&](const std::string& option, const std::string& value) {
    check_one_line(option, value);
    if (!value.empty()) lines.push_back("--" + option + "=" + shell_word(value));
  };
  // Slurm counts GPUs by tasks only where it is told how many tasks a job has.
  if (settings.gpus_per_task > 0) {
    add("ntasks", "1");
    add("gpus-per-task", std::to_string(settings.gpus_per_task));
  }
  add("time", settings.time);
  add("partition", settings.partition);
  add("account", settings.account);
  add("constraint", settings.constraint);
  for (const std::string& line : settings.sbatch) {
    check_one_line("sbatch", line);
    if (line.find("--chdir") != std::string::npos || line.starts_with("-D"))
      fail_argument("no folder to change to in --sbatch, as a grid's paths start from this one",
                    "'" + line + "'");
    lines.push_back(line);
  }
  return lines;
}

}  // namespace submask
