#include <algorithm>
#include <cstdio>
#include <set>

#include "base/fail.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/learn_run.h"
#include "run/run_fields.h"
#include "run/toml_file.h"

namespace submask::cli {
namespace {

struct TrainCommand {
  OutputOptions output;
  RunSpec spec = new_spec(RunKind::learn);
  Assignments overrides;  // the options on the command line, which win over --tasks
  std::string tasks;
};

void print_table(const Json& tasks) {
  std::printf("%-28s %-6s %9s %9s %12s %10s\n", "task", "method", "accuracy", "masked", "bytes",
              "time");
  for (const Json& task : tasks)
    std::printf("%-28s %-6s %9.4f %8.2f%% %12s %10s\n", task["out"].get<std::string>().c_str(),
                task["method"].get<std::string>().c_str(), task["accuracy"].get<double>(),
                100 * task["masked_fraction"].get<double>(),
                format_bytes(task["task_bytes"].get<double>()).c_str(),
                format_duration(task["seconds"].get<double>()).c_str());
  std::fflush(stdout);
}

// The name of a task's own folder in folders that all tasks share.
std::string folder_name(const LearnSpec& learn) {
  std::string name = result_path(learn);
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

// The whole list is read before the first task is learned, so that a mistake in any task is found
// at once.
std::vector<RunSpec> read_list(const TrainCommand& command) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    fail_argument(expected, got + ", in " + command.tasks);
  };
  std::vector<RunSpec> list;
  std::set<std::string> outs, logs;
  for (const Assignments& options : read_task_list(command.tasks)) {
    RunSpec& spec = list.emplace_back(new_spec(RunKind::learn));
    try {
      for (const Assignments& assignments : {options, command.overrides})
        for (const auto& [name, words] : assignments) assign(spec, name, words);
    } catch (const Error& error) {
      throw Error(error.kind(), text(error.what(), ", in ", command.tasks));
    }
    if (spec.data.spec.empty()) refuse("data for each task", "none for one");
    const BackboneSettings &first = list.front().backbone, &other = spec.backbone;
    if (first.name != other.name || first.weights != other.weights)
      refuse("one backbone for all tasks",
             first.name + " " + first.weights + " and " + other.name + " " + other.weights);
    auto& learn = std::get<LearnSpec>(spec.work);
    if (!outs.insert(result_path(learn)).second)
      refuse("an out of its own for each task", result_path(learn) + " twice");
    if (!learn.log.empty() && !logs.insert(learn.log).second)
      refuse("a log of its own for each task", learn.log + " twice");
    if (const auto checkpoint = learn.changes.find("checkpoint"); checkpoint != learn.changes.end())
      checkpoint->second = {checkpoint->second.front() + "/" + folder_name(learn)};
    // TensorBoard shows each folder as a run.
    if (!learn.tensorboard.empty()) learn.tensorboard += "/" + folder_name(learn);
  }
  return list;
}

// Learns all tasks of the file over one backbone, which is loaded once.
void train_list(const TrainCommand& command) {
  Opened opened;
  Json tasks = Json::array();
  for (const RunSpec& spec : read_list(command)) {
    RunProgress progress(command.output);
    tasks.push_back(run_opened(spec, progress.hooks(), opened));
  }
  if (command.output.json)
    print_result(command.output, {{"tasks", tasks}});
  else
    print_table(tasks);
}

void train_one(const TrainCommand& command) {
  if (command.spec.data.spec.empty()) fail_argument("--data D or --tasks FILE", "neither");
  Opened opened;
  RunProgress progress(command.output);
  print_result(command.output, run_opened(command.spec, progress.hooks(), opened));
}

}  // namespace

void add_train_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("train", "Learn one task (or, with --tasks, a list of them)");
  auto options = std::make_shared<TrainCommand>();
  prepare_options(*command);
  options->output.add_to(*command);
  for (const Section<RunSpec>& section : run_fields(RunKind::learn))
    for (const Field<RunSpec>& field : section.fields)
      add_field_option(*command, section.title, field, field.words(options->spec),
                       [options, &field](const Words& words) {
                         field.assign(options->spec, words);
                         options->overrides.emplace_back(field.name, words);
                       });
  command
      ->add_option("--tasks", options->tasks,
                   "TOML file with one [[task]] table a task, of the options of this command; keys "
                   "above them hold for all, the command line wins")
      ->type_name("FILE");
  command->callback([options] {
    if (options->tasks.empty())
      train_one(*options);
    else
      train_list(*options);
  });
}

}  // namespace submask::cli
