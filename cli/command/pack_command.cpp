#include <filesystem>

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
  double most_loss = 0.002;
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

// Measures what rounding costs on the test set. Throws where that is more than --most-loss.
void check_accuracy(Backbone& backbone, const PackCommandOptions& options, const Task& before,
                    const Task& after, Json& result) {
  if (options.input.data.spec.empty()) {
    if (options.pack.head == HeadForm::int8)
      fail_argument("--data to check the accuracy of an int8 head on", "none");
    return;
  }
  const DataSplits data = options.input.open(options);
  const double accuracy_before = head_accuracy(backbone, data, options, before);
  const double accuracy = head_accuracy(backbone, data, options, after);
  result["accuracy_before"] = accuracy_before;
  result["accuracy"] = accuracy;
  if (accuracy_before - accuracy > options.most_loss)
    fail_argument(text("to lose at most ", options.most_loss, " of the accuracy"),
                  text(accuracy_before, " before and ", accuracy, " after (--most-loss)"));
}

void pack(PackCommandOptions& options) {
  const std::string out = options.out.empty() ? options.file : options.out;
  check_writable(out);
  const PackedTask stored = read_packed_task(options.file);
  const auto backbone = options.load_backbone(stored.backbone);
  const Task task = read_task(options.file, *backbone);
  Task parent;
  if (!options.parent.empty()) {
    parent = read_task(options.parent, *backbone);
    options.pack.parent = &parent;
    options.pack.parent_file = std::filesystem::path(options.parent).filename().string();
  }
  PackedTask packed = pack_task(task, *backbone, options.pack);
  if (!options.licence.empty()) packed.licence = options.licence;
  Json result = {{"out", out}, {"profile", name_of(packed.profile)}};
  check_accuracy(*backbone, options, task, unpack_task(packed, *backbone, options.pack.parent),
                 result);
  result["bytes_before"] = std::filesystem::file_size(options.file);
  write_task(out, packed);
  result["task_bytes"] = std::filesystem::file_size(out);
  result["mask_bytes"] = mask_bytes(packed);
  print_result(options, result);
}

}  // namespace

void add_pack_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "pack", "Write a task file again: another profile, rounding, parent or licence");
  auto options = std::make_shared<PackCommandOptions>();
  options->add_to(*command);
  options->input.add_to(*command, false);
  command->add_option("FILE", options->file, "Task file")->required();
  command->add_option("--out", options->out, "Task file to write; none: FILE itself")
      ->type_name("FILE");
  add_field_options(*command, pack_fields(), options->pack);
  command
      ->add_option("--most-loss", options->most_loss,
                   "Of test accuracy, that rounding may cost where --data is given")
      ->capture_default_str();
  command
      ->add_option("--parent", options->parent,
                   "Code the masks against this task's: a reader finds it beside FILE")
      ->type_name("TASK");
  command->add_option("--licence", options->licence, "The task's, a name or an address");
  command->callback([options] { pack(*options); });
}

}  // namespace submask::cli
