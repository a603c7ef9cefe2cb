#include <filesystem>

#include <submask/task_file.h>

#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"

namespace submask::cli {
namespace {

struct ExportOptions : NetworkOptions {
  std::string task;
  std::string out;
};

void export_task(const ExportOptions& options) {
  check_writable(options.out);
  const auto backbone = options.load_backbone(read_packed_task(options.task).backbone);
  const Task task = read_task(options.task, *backbone);
  const Json classes = task.classes;
  const TensorMap state = export_state_dict(task, *backbone);
  write_safetensors(
      options.out, state,
      {{"format", "pt"}, {"classes", json_text(classes)}, {"provenance", task.provenance}});
  print_result(options, {{"out", options.out},
                         {"tensors", state.size()},
                         {"bytes", std::filesystem::file_size(options.out)}});
}

}  // namespace

void add_export_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "export", "The masked network as a plain state dict for timm or torchvision");
  auto options = std::make_shared<ExportOptions>();
  options->add_to(*command);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command->add_option("--out", options->out, "File to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->callback([options] { export_task(*options); });
}

}  // namespace submask::cli
