#include <filesystem>
#include <optional>

#include <submask/task_file.h>

#include "base/fail.h"
#include "base/names.h"
#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "evaluate/measurement.h"
#include "learn/trim.h"
#include "mask/pack_fields.h"
#include "run/opened.h"
#include "taskfile/describe.h"

namespace submask::cli {
namespace {

struct PackCommandOptions : NetworkOptions {
  InputOptions input;
  PackOptions pack;
  std::string file;
  std::string parent;
  std::string licence;
  std::string out;
  std::optional<double> most_loss;
  std::optional<int64_t> bytes;
  std::string checkpoint;
};

double head_accuracy(Backbone& backbone, const DataSplits& data, const PackCommandOptions& options,
                     const Task& task) {
  AdaptedNetwork network(backbone);
  network.select(task);
  RunProgress progress(options);
  Measurement measurement(
      backbone, data, options.input.measurement(task.preprocessing, progress.measurement_hooks()));
  return measurement.head(task.head).accuracy;
}

// Measures what rounding or trimming costs on the test set. Throws where that is more than
// --most-loss.
void check_accuracy(Backbone& backbone, const DataSplits& data, const PackCommandOptions& options,
                    const Task& before, const Task& after, Json& result) {
  const double accuracy_before = head_accuracy(backbone, data, options, before);
  const double accuracy = head_accuracy(backbone, data, options, after);
  result["accuracy_before"] = accuracy_before;
  result["accuracy"] = accuracy;
  constexpr double usual_loss = 0.002, any_loss = 1;
  const double most_loss = options.most_loss.value_or(options.bytes ? any_loss : usual_loss);
  if (accuracy_before - accuracy > most_loss)
    fail_argument(text("to lose at most ", most_loss, " of the accuracy"),
                  text(accuracy_before, " before and ", accuracy, " after (--most-loss)"));
}

PackedTask trim(Backbone& backbone, const std::optional<DataSplits>& data,
                const PackCommandOptions& options, const Task& task) {
  if (options.checkpoint.empty())
    fail_argument("--checkpoint for --bytes, the folder where the run kept its scores", "none");
  if (!data && !task.statistics.empty())
    fail_argument("--data for --bytes, whose training images batch norm's statistics come from",
                  "none");
  const auto statistics = [&](const Task& measured) {
    LoaderOptions loader = loader_options(options.input.input);
    loader.shuffle = true;
    return statistics_of(backbone, data->train,
                         test_transform(options.input.input, task.preprocessing), loader, measured);
  };
  std::optional<TensorMap> before;
  const auto refresh = [&](Task& trimmed) {
    if (trimmed.statistics.empty()) return;
    if (!before) before = statistics(task);
    move_statistics(*before, statistics(trimmed), trimmed);
  };
  // What measuring adds to the file's provenance.
  const Json facts = {{"data", options.input.data.spec}, {"accuracy", 1. / 3}};
  Task recorded = task;
  record_trim(*options.bytes, "{}", recorded.provenance);
  return trim_task(recorded, scores_of_run(options.checkpoint, task), *options.bytes,
                   bytes_within_json(facts), backbone, options.pack, refresh);
}

void pack(PackCommandOptions& options) {
  const std::string out = options.out.empty() ? options.file : options.out;
  check_writable(out);
  const PackedTask stored = read_packed_task(options.file);
  const auto backbone = options.load_backbone(stored.backbone);
  Task task = read_task(options.file, *backbone);
  if (!options.licence.empty()) task.licence = options.licence;
  Task parent;
  if (!options.parent.empty()) {
    parent = read_task(options.parent, *backbone);
    options.pack.parent = &parent;
    options.pack.parent_file = std::filesystem::path(options.parent).filename().string();
  }
  std::optional<DataSplits> data;
  if (!options.input.data.spec.empty())
    data = options.input.open(options);
  else if (options.pack.head == HeadForm::int8)
    fail_argument("--data to check the accuracy of an int8 head on", "none");
  PackedTask packed = pack_task(task, *backbone, options.pack);
  const bool is_trimmed = options.bytes && std::ssize(packed_task_bytes(packed)) > *options.bytes;
  if (is_trimmed) packed = trim(*backbone, data, options, task);
  if (!is_trimmed && !options.checkpoint.empty())
    note(options, "--checkpoint is of no use without --bytes below what the file takes");
  if (options.most_loss && !(data && task.head))
    note(options, "--most-loss is of no use without --data and a head");
  Json result = {{"out", out}, {"profile", name_of(packed.profile)}};
  if (data && task.head) {
    check_accuracy(*backbone, *data, options, task,
                   unpack_task(packed, *backbone, options.pack.parent), result);
    const Json facts = {{"data", options.input.data.spec}, {"accuracy", result["accuracy"]}};
    if (is_trimmed) record_trim(*options.bytes, json_text(facts), packed.provenance);
  }
  result["bytes_before"] = std::filesystem::file_size(options.file);
  write_task(out, packed);
  result["task_bytes"] = std::filesystem::file_size(out);
  result["mask_bytes"] = mask_bytes(packed);
  result["masked_fraction"] = packed.masked_fraction();
  print_result(options, result);
}

}  // namespace

void add_pack_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "pack", "Write a task file again: another profile, rounding, size, parent or licence");
  auto options = std::make_shared<PackCommandOptions>();
  options->add_to(*command);
  options->input.add_to(*command, false);
  command->add_option("FILE", options->file, "Task file")->required();
  command->add_option("--out", options->out, "Task file to write; none: FILE itself")
      ->type_name("FILE");
  add_field_options(*command, pack_fields(), options->pack);
  add_field_options(
      *command,
      Section<PackCommandOptions>{
          "Size",
          {{"bytes",
            &PackCommandOptions::bytes,
            "Trim the mask so that the file takes at most so many: of the weights that are off, "
            "those nearest to the threshold are on again; batch norm's statistics move as those of "
            "--data's training images do",
            {at_least(1)}},
           {"checkpoint",
            &PackCommandOptions::checkpoint,
            "For --bytes: the learning run's --checkpoint, which has its scores",
            {.type_name = "DIR"}},
           {"most-loss",
            &PackCommandOptions::most_loss,
            "Of test accuracy, that packing may cost where --data is given; default: .002, or any "
            "with --bytes",
            {within(-1, 1)}}},
          {}},
      *options);
  command
      ->add_option("--parent", options->parent,
                   "Code the masks against this task's: a reader finds it beside FILE")
      ->type_name("TASK");
  command->add_option("--licence", options->licence, "The task's, a name or an address");
  command->callback([options] { pack(*options); });
}

}  // namespace submask::cli
