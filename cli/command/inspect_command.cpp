#include <cstdio>
#include <filesystem>
#include <iostream>

#include <submask/task_file.h>

#include "base/fail.h"
#include "cascade/adaptation.h"
#include "cascade/description.h"
#include "cli/command/commands.h"
#include "cli/output/print.h"
#include "report/chart/plot_task.h"
#include "run/task_source.h"
#include "taskfile/describe.h"
#include "taskfile/task_index.h"

namespace submask::cli {
namespace {

struct InspectOptions : SharedOptions {
  std::string file;
  std::string plot;
};

void print_origin(const OutputOptions& output, const Json& description) {
  Json origin;
  for (const char* key : {"method", "data", "seed"})
    if (description["provenance"].contains(key)) origin[key] = description["provenance"][key];
  print_result(output, origin);
}

// Prints names, weights and masked fractions of units, or of a cascade's members.
void print_rows(const std::string& title, const Json& rows) {
  std::printf("\n%-40s %9s  %7s\n", title.c_str(), "weights", "masked");
  for (const Json& row : rows)
    std::printf("%-40s %9ld  %6.2f%%\n", in_one_line(row["name"].get<std::string>()).c_str(),
                row["weights"].get<long>(), 100 * row["masked_fraction"].get<double>());
  std::fflush(stdout);
}

void inspect_cascade(const InspectOptions& options, const std::string& path) {
  if (!options.plot.empty()) fail_argument("a task file to plot", "a cascade: " + options.file);
  const Json description =
      describe(read_cascade(path), static_cast<int64_t>(std::filesystem::file_size(path)));
  print_result(options, description);
  if (options.json) return;
  print_origin(options, description);
  print_rows("member", description["members"]);
}

// Prints a line for each task of a folder.
void inspect_folder(const InspectOptions& options) {
  if (!options.plot.empty()) fail_argument("a task file to plot", "a folder: " + options.file);
  Json tasks = Json::array();
  for (const TaskSummary& task : list_tasks(options.file)) {
    Json& entry = tasks.emplace_back(Json{{"file", task.file}, {"task_bytes", task.bytes}});
    if (!task.error.empty()) {
      entry["error"] = task.error;
      continue;
    }
    entry.update(Json{{"backbone", task.backbone},
                      {"weights_identity", task.weights_identity},
                      {"method", task.method},
                      {"data", task.data},
                      {"masked_fraction", task.masked_fraction},
                      {"weights", task.weights},
                      {"classes", task.classes},
                      {"profile", task.profile}});
    if (task.accuracy >= 0) entry["accuracy"] = task.accuracy;
  }
  if (options.json) return print_result(options, {{"folder", options.file}, {"tasks", tasks}});
  std::printf("%-32s %10s  %-14s %-7s %8s %8s\n", "task", "bytes", "backbone", "method", "masked",
              "accuracy");
  for (const Json& task : tasks) {
    const std::string file = task["file"], bytes = format_bytes(task["task_bytes"].get<double>());
    if (task.contains("error")) {
      std::printf("%-32s %10s  %s\n", file.c_str(), bytes.c_str(),
                  task["error"].get<std::string>().c_str());
      continue;
    }
    std::printf("%-32s %10s  %-14s %-7s %7.2f%% %8s\n", file.c_str(), bytes.c_str(),
                in_one_line(task["backbone"]).c_str(), in_one_line(task["method"]).c_str(),
                100 * task["masked_fraction"].get<double>(),
                task.contains("accuracy") ? format_share(task["accuracy"]).c_str() : "-");
  }
  std::fflush(stdout);
}

void inspect(const InspectOptions& options) {
  if (std::filesystem::is_directory(options.file)) return inspect_folder(options);
  const std::string path = task_path(options.file);
  if (is_cascade_file(path)) return inspect_cascade(options, path);
  const PackedTask task = read_packed_task(path);
  const Json description = describe(task, static_cast<int64_t>(std::filesystem::file_size(path)));
  if (!options.plot.empty()) plot_masked_fraction(task, options.plot);
  print_result(options, description);
  if (options.json) return;
  print_origin(options, description);
  print_rows("mask unit", description["units"]);
}

}  // namespace

void add_inspect_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "inspect", "What a task or cascade file holds, or which tasks a folder (needs no weights)");
  auto options = std::make_shared<InspectOptions>();
  options->add_to(*command);
  command->add_option("FILE", options->file, "Task or cascade file, or a folder of task files")
      ->required();
  command
      ->add_option("--plot", options->plot, "Draw the masked fraction by layer: .svg, .png or .pdf")
      ->type_name("FILE");
  command->callback([options] { inspect(*options); });
}

}  // namespace submask::cli
