#include <algorithm>
#include <deque>
#include <filesystem>
#include <iostream>
#include <set>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/output_file.h>
#include <submask/predictor.h>
#include <submask/train.h>
#include <submask/version.h>

#include "cli/commands.h"
#include "cli/config_file.h"
#include "cli/measure.h"
#include "cli/progress_line.h"
#include "cli/train_options.h"

namespace submask::cli {
namespace {

std::string default_out(const TrainOptions& options) {
  if (!options.out.empty()) return options.out;
  return learns_all_weights(options.method) ? "weights.safetensors" : "out.task";
}

// What a run learns from. Without labels that is every training image; --labels then chooses those
// that the result is measured by.
InputOptions learned_input(const TrainOptions& options) {
  InputOptions input = options.input;
  if (learns_without_labels(options.method)) input.data.labels.clear();
  return input;
}

// The training images with a label to measure by, and the test set.
DataSplits labelled_splits(const TrainOptions& options, const DataSplits& learned, Json& result) {
  const std::string& labels = options.input.data.labels;
  if (!learns_without_labels(options.method) || labels.empty()) return learned;
  DataSplits labelled = options.input.open(options.shared);
  note(options.shared,
       options.method + ": --labels " + labels + " leaves all " +
           std::to_string(learned.train->size()) + " training images to learn from; the " +
           std::to_string(labelled.train->size()) + " with a label measure the result");
  result["labels"] = labels;
  return labelled;
}

// The rate is chosen on a validation part of the training set, which the run itself then learns
// from too.
void tune(Backbone& backbone, const TrainOptions& options, TrainSettings& settings,
          const TrainHooks& hooks, Json& result) {
  InputOptions input = learned_input(options);
  if (input.data.validation.empty()) input.data.validation = "10p";
  result["tune"] = Json::array();
  for (const TuneTrial& trial :
       tune_rate(backbone, input.open(options.shared), settings, options.tune, hooks))
    result["tune"].push_back(
        {{"rate", trial.rate}, {"validation_accuracy", trial.validation_accuracy}});
  note(options.shared, options.method + ": learning at rate " + std::to_string(settings.rate));
}

// Under what was learned. `task`: as its file will have it.
void measure(Backbone& backbone, const DataSplits& data, const TrainOptions& options,
             const TrainResult& trained, const Task& task, Json& result) {
  Measurement measurement(backbone, data, options.input.test(task.preprocessing), options.input,
                          options.shared);
  // Without a head by the neighbours among the labelled training images.
  const auto measured = [&] {
    if (!task.head.empty()) return measurement.head(task.head);
    const KnnOptions knn = knn_preset("paper");
    const Accuracy accuracy = measurement.knn(knn);
    result["knn_accuracy"] = accuracy.accuracy;
    result["k"] = knn.k;
    result["temperature"] = knn.temperature;
    return accuracy;
  };
  if (learns_all_weights(options.method)) {
    WeightSet weights = trained.state_dict;
    std::erase_if(weights, [&](const auto& item) {
      return item.first.starts_with(backbone.info().head_name + ".");
    });
    const WeightBinding binding(backbone, weights);
    measurement.report(measured(), result);
  } else {
    Predictor predictor(backbone);
    predictor.select(task);
    measurement.report(measured(), result);
  }
}

// What a file says of its making: nothing that differs between two runs of the same command.
void record_provenance(const Json& result, TaskDescription& task) {
  Json provenance = Json::parse(task.provenance);
  for (const char* key :
       {"method", "data", "seed", "commit", "epochs", "accuracy", "mean_class_accuracy", "n"})
    provenance[key] = result[key];
  task.provenance = provenance.dump(-1, ' ', false, Json::error_handler_t::replace);
}

void write_weights(const TrainResult& trained, const std::string& out) {
  const Json classes = trained.task.classes;
  write_safetensors(
      out, trained.state_dict,
      {{"format", "pt"}, {"classes", classes.dump()}, {"provenance", trained.task.provenance}});
}

// Measures and writes what was learned. A task is measured as its file rounds it.
void finish(Backbone& backbone, const DataSplits& data, const TrainOptions& options,
            TrainResult& trained, const std::string& out, Json& result) {
  if (learns_all_weights(options.method)) {
    measure(backbone, data, options, trained, trained.task, result);
    record_provenance(result, trained.task);
    return write_weights(trained, out);
  }
  PackedTask packed = pack_task(trained.task, backbone);
  measure(backbone, data, options, trained, unpack_task(packed, backbone), result);
  record_provenance(result, packed);
  write_task(out, packed);
}

Json train_one(Backbone& backbone, const TrainOptions& options) {
  const DataSplits data = learned_input(options).open(options.shared);
  TrainSettings settings = options.settings(backbone.info(), data.train->class_names());
  const std::string out = default_out(options);
  check_writable(out);
  ProgressLine progress(options.shared, options.method);
  const TrainHooks hooks = progress.hooks();
  Json result = result_header(options.method, backbone, options.input, data, options.shared);
  const DataSplits labelled = labelled_splits(options, data, result);
  if (options.tune > 0) tune(backbone, options, settings, hooks, result);

  TrainResult trained = train(backbone, data, settings, hooks);
  for (const std::string& name : trained.bad_images)
    note(options.shared, "skipped " + name + ": it does not decode");
  result["epochs"] = trained.epochs;
  finish(backbone, labelled, options, trained, out, result);
  if (trained.best_validation_accuracy)
    result["validation_accuracy"] = *trained.best_validation_accuracy;
  result["masked_fraction"] = trained.task.masked_fraction();
  result["task_bytes"] = std::filesystem::file_size(out);
  result["images_per_second"] = trained.images_per_second;
  result["waiting_share"] = trained.waiting_share;
  result["seconds"] = trained.seconds;
  if (!trained.bad_images.empty()) result["bad_training_images"] = trained.bad_images;
  result["out"] = out;
  return result;
}

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
  std::set<std::string> outs;
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
    options.checkpoint_part = default_out(options);
    std::replace(options.checkpoint_part.begin(), options.checkpoint_part.end(), '/', '_');
  }
  return list;
}

// Every task of the file over one backbone, loaded once.
void train_list(const std::string& path, const CLI::App& command, const SharedOptions& shared) {
  const std::deque<TrainOptions> list = parse_list(path, given_options(command));
  list.front().shared.apply();
  const auto backbone = list.front().backbone.load(list.front().shared);
  Json tasks = Json::array();
  for (const TrainOptions& options : list) {
    options.shared.apply();
    tasks.push_back(train_one(*backbone, options));
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
    print_result(options->shared, train_one(*backbone, *options));
  });
}

}  // namespace submask::cli
