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
  Talk talk;
  RunSpec spec = new_spec(RunKind::learn);
  Assignments given;  // on the command line, which wins over --tasks
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

// A name for what a task has of its own in folders that all tasks share.
std::string part_of(const LearnSpec& learn) {
  std::string part = result_path(learn);
  std::replace(part.begin(), part.end(), '/', '_');
  return part;
}

// All of the list is read before the first task is learned: a mistake in the last one shows at
// once.
std::vector<RunSpec> read_list(const TrainCommand& command) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    fail_argument(expected, got + ", in " + command.tasks);
  };
  std::vector<RunSpec> list;
  std::set<std::string> outs, logs;
  for (const Assignments& options : read_task_list(command.tasks)) {
    RunSpec& spec = list.emplace_back(new_spec(RunKind::learn));
    try {
      for (const Assignments& some : {options, command.given})
        for (const auto& [name, words] : some) assign(spec, name, words);
    } catch (const Error& error) {
      throw Error(error.kind(), text(error.what(), ", in ", command.tasks));
    }
    if (spec.data.spec.empty()) refuse("data for each task", "none for one");
    const BackboneSettings &one = list.front().backbone, &other = spec.backbone;
    if (one.name != other.name || one.weights != other.weights)
      refuse("one backbone for all tasks",
             one.name + " " + one.weights + " and " + other.name + " " + other.weights);
    auto& learn = std::get<LearnSpec>(spec.work);
    if (!outs.insert(result_path(learn)).second)
      refuse("an out of its own for each task", result_path(learn) + " twice");
    if (!learn.log.empty() && !logs.insert(learn.log).second)
      refuse("a log of its own for each task", learn.log + " twice");
    if (const auto checkpoint = learn.changes.find("checkpoint"); checkpoint != learn.changes.end())
      checkpoint->second = {checkpoint->second.front() + "/" + part_of(learn)};
    // What TensorBoard shows as a run is a folder.
    if (!learn.tensorboard.empty()) learn.tensorboard += "/" + part_of(learn);
  }
  return list;
}

// Every task of the file over one backbone, loaded once.
void train_list(const TrainCommand& command) {
  Opened opened;
  Json tasks = Json::array();
  for (const RunSpec& spec : read_list(command)) {
    RunProgress progress(command.talk);
    tasks.push_back(run_opened(spec, progress.hooks(), opened));
  }
  if (command.talk.json)
    print_result(command.talk, {{"tasks", tasks}});
  else
    print_table(tasks);
}

void train_one(const TrainCommand& command) {
  if (command.spec.data.spec.empty()) fail_argument("--data D or --tasks FILE", "neither");
  Opened opened;
  RunProgress progress(command.talk);
  print_result(command.talk, run_opened(command.spec, progress.hooks(), opened));
}

}  // namespace

void add_train_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("train", "Learn one task (or, with --tasks, a list of them)");
  auto options = std::make_shared<TrainCommand>();
  prepare_options(*command);
  options->talk.add_to(*command);
  for (const Section<RunSpec>& section : run_fields(RunKind::learn))
    for (const Field<RunSpec>& field : section.fields)
      add_field_option(*command, section.title, field, field.words(options->spec),
                       [options, &field](const Words& words) {
                         field.assign(options->spec, words);
                         options->given.emplace_back(field.name, words);
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
