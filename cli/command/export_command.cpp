#include <filesystem>

#include <submask/task_file.h>

#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "run/opened.h"

namespace submask::cli {
namespace {

struct ExportOptions {
  SharedOptions shared;
  BackboneSettings backbone;
  std::string task;
  std::string out;
};

void export_task(const ExportOptions& options) {
  apply(options.shared.compute);
  check_writable(options.out);
  const auto backbone = load_backbone(options.backbone, options.shared.compute,
                                      read_packed_task(options.task).backbone);
  const Task task = read_task(options.task, *backbone);
  const Json classes = task.classes;
  const TensorMap state = export_state_dict(task, *backbone);
  write_safetensors(
      options.out, state,
      {{"format", "pt"}, {"classes", json_text(classes)}, {"provenance", task.provenance}});
  print_result(options.shared, {{"out", options.out},
                                {"tensors", state.size()},
                                {"bytes", std::filesystem::file_size(options.out)}});
}

}  // namespace

void add_export_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "export", "The masked network as a plain state dict for timm or torchvision");
  auto options = std::make_shared<ExportOptions>();
  options->shared.add_to(*command);
  add_backbone_options(*command, options->backbone);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command->add_option("--out", options->out, "File to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->callback([options] { export_task(*options); });
}

}  // namespace submask::cli
