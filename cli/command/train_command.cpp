#include <cstdio>

#include "base/fail.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "run/opened.h"
#include "run/process_files.h"
#include "run/run_check.h"
#include "run/run_fields.h"
#include "run/task_list.h"

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

// Learns all tasks of the file over one backbone, which is loaded once.
void train_list(const TrainCommand& command) {
  Opened opened;
  Json tasks = Json::array();
  const std::vector<ListedTask> list = read_task_list(command.tasks, command.overrides);
  const ProcessFiles files;
  // A task that cannot run is found before the first one is learned.
  for (const auto& [spec, places] : list)
    with_places_in_errors(places, [&, &spec = spec] { check_run(spec, opened); });
  for (const auto& [spec, places] : list) {
    RunProgress progress(command.output);
    with_places_in_errors(places, [&, &spec = spec] {
      tasks.push_back(run_opened(files.redirected(spec), progress.hooks(), opened));
    });
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
  const ProcessFiles files;
  print_result(command.output,
               run_opened(files.redirected(command.spec), progress.hooks(), opened));
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
