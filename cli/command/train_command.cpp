#include <algorithm>
#include <deque>
#include <set>

#include <submask/error.h>

#include "cli/command/commands.h"
#include "cli/option/config_file.h"
#include "cli/train_run.h"

namespace submask::cli {
namespace {

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

// The options of `submask train` as the user gave them, to stand after those of each [[task]].
Arguments given_options(const CLI::App& command) {
  Arguments given;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_name() == "--tasks") continue;
    for (const std::string& value : option->results())
      given.push_back(option->get_name() + "=" + value);
  }
  return given;
}

// All of the list is read before the first task is learned: a mistake in the last one shows at
// once.
std::deque<TrainOptions> parse_list(const std::string& path, const Arguments& given) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw Error(ErrorKind::invalid_argument,
                "expected " + expected + ", got " + got + ", in " + path);
  };
  std::deque<TrainOptions> list;  // a parser refers to its options: they must not move
  std::set<std::string> outs, logs;
  for (const Arguments& own : load_task_list(path)) {
    CLI::App parser("one [[task]] of " + path);
    TrainOptions& options = list.emplace_back();
    options.add_to(parser);
    Arguments arguments = override_options(own, given);
    std::reverse(arguments.begin(), arguments.end());
    try {
      parser.parse(arguments);
    } catch (const CLI::ParseError& error) {
      refuse("the options of submask train in each [[task]]", error.what());
    }
    const BackboneOptions &one = list.front().backbone, &other = options.backbone;
    if (one.name != other.name || one.weights != other.weights)
      refuse("one backbone for all tasks",
             one.name + " " + one.weights + " and " + other.name + " " + other.weights);
    if (!outs.insert(default_out(options)).second)
      refuse("an out of its own for each task", default_out(options) + " twice");
    if (!options.log.csv.empty() && !logs.insert(options.log.csv).second)
      refuse("a log of its own for each task", options.log.csv + " twice");
    options.checkpoint_part = default_out(options);
    std::replace(options.checkpoint_part.begin(), options.checkpoint_part.end(), '/', '_');
    // What TensorBoard shows as a run is a folder.
    if (!options.log.tensorboard.empty()) options.log.tensorboard += "/" + options.checkpoint_part;
  }
  return list;
}

// Every task of the file over one backbone, loaded once.
void train_list(const std::string& path, const CLI::App& command, const SharedOptions& shared) {
  const std::deque<TrainOptions> list = parse_list(path, given_options(command));
  list.front().shared.apply();
  const auto backbone = list.front().backbone.load(list.front().shared);
  OpenedData opened;
  Json tasks = Json::array();
  for (const TrainOptions& options : list) {
    options.shared.apply();
    tasks.push_back(train_one(*backbone, options, opened));
  }
  if (shared.json) {
    print_result(shared, {{"tasks", tasks}});
  } else {
    print_table(tasks);
  }
}

}  // namespace

void add_train_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("train", "Learn one task (or, with --tasks, a list of them)");
  auto options = std::make_shared<TrainOptions>();
  auto tasks = std::make_shared<std::string>();
  options->add_to(*command);
  command->get_option("--data")->required(false);
  command
      ->add_option("--tasks", *tasks,
                   "TOML file with one [[task]] table a task, of the options of this command; keys "
                   "above them hold "
                   "for all, the command line wins")
      ->type_name("FILE");
  command->callback([command, options, tasks] {
    if (!tasks->empty()) return train_list(*tasks, *command, options->shared);
    if (options->input.data.spec.empty())
      throw Error(ErrorKind::invalid_argument, "expected --data D or --tasks FILE, got neither");
    options->shared.apply();
    const auto backbone = options->backbone.load(options->shared);
    OpenedData opened;
    print_result(options->shared, train_one(*backbone, *options, opened));
  });
}

}  // namespace submask::cli
