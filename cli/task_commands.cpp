// Commands about a task file as a file: inspect, verify, unpack, export.
#include <filesystem>
#include <iostream>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/output_file.h>
#include <submask/plot.h>
#include <submask/task_file.h>

#include "cli/commands.h"
#include "cli/input_options.h"

namespace submask::cli {
namespace {

struct TaskCommandOptions {
  SharedOptions shared;
  BackboneOptions backbone;
  std::string task;
  std::string out;
  std::string plot;

  CLI::App* add_to(CLI::App& program, const std::string& name, const std::string& help) {
    auto* command = program.add_subcommand(name, help);
    shared.add_to(*command);
    return command;
  }
};

int64_t total_bytes(const TensorMap& tensors) {
  int64_t bytes = 0;
  for (const auto& [name, tensor] : tensors) bytes += static_cast<int64_t>(tensor.nbytes());
  return bytes;
}

Json describe(const Task& task, const std::string& path) {
  int64_t mask_bytes = 0;
  Json units = Json::array();
  for (const UnitMask& unit : task.units) {
    mask_bytes += static_cast<int64_t>(unit.bits.size());
    units.push_back(
        {{"name", unit.name}, {"shape", unit.shape}, {"masked_fraction", unit.masked_fraction()}});
  }
  const auto task_bytes = static_cast<int64_t>(std::filesystem::file_size(path));
  const int64_t statistics_bytes = total_bytes(task.statistics),
                head_bytes = total_bytes(task.head);
  const Preprocessing& p = task.preprocessing;
  return {{"backbone", task.backbone},
          {"weights_identity", task.weights_identity},
          {"criterion", task.criterion},
          {"scale", task.scale},
          {"units", units},
          {"masked_fraction", task.masked_fraction()},
          {"weights", task.weights()},
          {"mask_bytes", mask_bytes},
          {"statistics_bytes", statistics_bytes},
          {"head_bytes", head_bytes},
          {"metadata_bytes", task_bytes - mask_bytes - statistics_bytes - head_bytes},
          {"task_bytes", task_bytes},
          {"profile", "packed"},
          {"classes", task.classes},
          {"preprocessing",
           {{"input_size", p.input_size},
            {"crop_share", p.crop_share},
            {"interpolation", p.interpolation},
            {"mean", p.mean},
            {"std", p.std}}},
          {"provenance", Json::parse(task.provenance)}};
}

void inspect(const TaskCommandOptions& options) {
  const Task task = read_task(options.task);
  const Json description = describe(task, options.task);
  if (!options.plot.empty()) plot_masked_fraction(task, options.plot);
  print_result(options.shared, description);
  if (options.shared.json) return;
  Json origin;
  for (const char* key : {"method", "data", "seed", "accuracy"})
    if (description["provenance"].contains(key)) origin[key] = description["provenance"][key];
  print_result(options.shared, origin);
  std::cout << "\nmask unit                                  weights   masked\n";
  for (const UnitMask& unit : task.units)
    std::printf("%-40s %9ld  %6.2f%%\n", unit.name.c_str(), static_cast<long>(unit.count()),
                100 * unit.masked_fraction());
  std::fflush(stdout);
}

void verify(const TaskCommandOptions& options) {
  const Task task = read_task(options.task);
  Json result = {{"file", options.task},
                 {"whole", true},
                 {"backbone", task.backbone},
                 {"weights_identity", task.weights_identity}};
  if (!options.backbone.name.empty() || !options.backbone.weights.empty()) {
    check_task_fits(task, *options.backbone.load(options.shared, task.backbone));
    result["fits_backbone"] = true;
  }
  print_result(options.shared, result);
}

void unpack(const TaskCommandOptions& options) {
  const Task task = read_task(options.task);
  check_writable(options.out);
  TensorMap masks;
  for (const UnitMask& unit : task.units) masks[unit.name] = unpack_mask(unit).to(at::kByte);
  write_safetensors(options.out, masks,
                    {{"backbone", task.backbone}, {"criterion", task.criterion}});
  print_result(options.shared,
               {{"out", options.out}, {"units", masks.size()}, {"weights", task.weights()}});
}

void export_task(const TaskCommandOptions& options) {
  const Task task = read_task(options.task);
  check_writable(options.out);
  const auto backbone = options.backbone.load(options.shared, task.backbone);
  const Json classes = task.classes;
  const TensorMap state = export_state_dict(task, *backbone);
  write_safetensors(
      options.out, state,
      {{"format", "pt"}, {"classes", classes.dump()}, {"provenance", task.provenance}});
  print_result(options.shared, {{"out", options.out},
                                {"tensors", state.size()},
                                {"bytes", std::filesystem::file_size(options.out)}});
}

}  // namespace

void add_inspect_command(CLI::App& program) {
  auto options = std::make_shared<TaskCommandOptions>();
  auto* command = options->add_to(program, "inspect", "What a task file holds (needs no weights)");
  command->add_option("FILE", options->task, "Task file")->required();
  command
      ->add_option("--plot", options->plot, "Draw the masked fraction by layer: .svg, .png or .pdf")
      ->type_name("FILE");
  command->callback([options] { inspect(*options); });
}

void add_verify_command(CLI::App& program) {
  auto options = std::make_shared<TaskCommandOptions>();
  auto* command = options->add_to(program, "verify", "Check every byte of a task file");
  options->backbone.add_to(*command);
  command->add_option("FILE", options->task, "Task file")->required();
  command->callback([options] { verify(*options); });
}

void add_unpack_command(CLI::App& program) {
  auto options = std::make_shared<TaskCommandOptions>();
  auto* command = options->add_to(program, "unpack",
                                  "The masks as a safetensors file of 0 and 1, one tensor a unit");
  command->add_option("FILE", options->task, "Task file")->required();
  command->add_option("--out", options->out, "File to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->callback([options] { unpack(*options); });
}

void add_export_command(CLI::App& program) {
  auto options = std::make_shared<TaskCommandOptions>();
  auto* command = options->add_to(
      program, "export", "The masked network as a plain state dict for timm or torchvision");
  options->backbone.add_to(*command);
  command->add_option("--task", options->task, "Task file")->type_name("FILE")->required();
  command->add_option("--out", options->out, "File to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->callback([options] { export_task(*options); });
}

}  // namespace submask::cli
