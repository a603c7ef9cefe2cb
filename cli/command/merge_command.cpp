#include <filesystem>

#include <submask/task_file.h>

#include "base/file_in_errors.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "evaluate/measurement.h"
#include "mask/task_arrays.h"
#include "run/opened.h"
#include "run/run_fields.h"
#include "taskfile/task_merge.h"

namespace submask::cli {
namespace {

struct MergeOptions : NetworkOptions {
  InputOptions input;
  KnnOptions knn;
  std::vector<std::string> files;
  MergeRule rule = MergeRule::majority;
  std::string out;
};

void measure(Backbone& backbone, const MergeOptions& options, const Task& task, Json& result) {
  AdaptedNetwork network(backbone);
  network.select(task);
  const DataSplits data = options.input.open(options);
  RunProgress progress(options);
  Measurement measurement(
      backbone, data, options.input.measurement(task.preprocessing, progress.measurement_hooks()));
  if (task.head) result["accuracy"] = measurement.head(task.head).accuracy;
  result["knn_accuracy"] = measurement.knn(options.knn).accuracy;
}

void merge(const MergeOptions& options) {
  check_writable(options.out);
  const auto backbone = options.load_backbone(read_packed_task(options.files.front()).backbone);
  std::vector<UnpackedTask> tasks;
  for (const std::string& file : options.files) {
    tasks.push_back(arrays_of(read_task(file, *backbone)));
    with_file_in_errors(ErrorKind::invalid_argument, file,
                        [&] { check_mergeable(tasks.front(), tasks.back()); });
  }
  Task merged = task_of(merge_tasks(tasks, options.rule));
  Json names = Json::array();
  for (const std::string& file : options.files)
    names.push_back(std::filesystem::path(file).filename().string());
  merged.provenance = json_text(Json{{"merged", names}, {"rule", options.rule}});
  const PackedTask packed = pack_task(merged, *backbone);
  Json result = {{"out", options.out},
                 {"rule", options.rule},
                 {"masked_fraction", packed.masked_fraction()},
                 {"head", packed.head.empty() ? "none" : "mean"}};
  if (!options.input.data.spec.empty())
    measure(*backbone, options, unpack_task(packed, *backbone), result);
  write_task(options.out, packed);
  result["task_bytes"] = std::filesystem::file_size(options.out);
  print_result(options, result);
}

}  // namespace

void add_merge_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "merge", "One task of several over one backbone: their masks by and, or or majority");
  auto options = std::make_shared<MergeOptions>();
  options->add_to(*command);
  options->input.add_to(*command, false);
  add_field_options(*command, knn_fields(), options->knn);
  command->add_option("FILES", options->files, "Task files")
      ->required()
      ->expected(2, CLI::detail::expected_max_vector_size);
  add_field_options(*command,
                    Section<MergeOptions>{"Options",
                                          {{"rule", &MergeOptions::rule,
                                            "A weight is on where it is on in all (and), in any "
                                            "(or), in at least half"}}},
                    *options);
  command->add_option("--out", options->out, "Task file to write")->type_name("FILE")->required();
  command->callback([options] { merge(*options); });
}

}  // namespace submask::cli
