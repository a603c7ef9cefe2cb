// Commands about a task or cascade file as a file: inspect, verify, unpack, export.
#include <filesystem>
#include <iostream>

#include <ATen/ATen.h>

#include <submask/error.h>
#include <submask/output_file.h>
#include <submask/plot.h>
#include <submask/task_file.h>

#include "cli/adaptation.h"
#include "cli/commands.h"
#include "cli/description.h"
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

void print_origin(const SharedOptions& shared, const Json& description) {
  Json origin;
  for (const char* key : {"method", "data", "seed", "accuracy"})
    if (description["provenance"].contains(key)) origin[key] = description["provenance"][key];
  print_result(shared, origin);
}

void inspect_cascade(const TaskCommandOptions& options) {
  if (!options.plot.empty())
    throw Error(ErrorKind::invalid_argument,
                "expected a task file to plot, got a cascade: " + options.task);
  const Json description = describe(read_cascade(options.task), options.task);
  print_result(options.shared, description);
  if (options.shared.json) return;
  print_origin(options.shared, description);
  std::cout << "\nmember                                     weights   masked\n";
  for (const Json& member : description["members"])
    std::printf("%-40s %9ld  %6.2f%%\n", member["name"].get<std::string>().c_str(),
                member["weights"].get<long>(), 100 * member["masked_fraction"].get<double>());
  std::fflush(stdout);
}

void inspect(const TaskCommandOptions& options) {
  if (is_cascade_file(options.task)) return inspect_cascade(options);
  const Task task = read_task(options.task);
  const Json description = describe(task, options.task);
  if (!options.plot.empty()) plot_masked_fraction(task, options.plot);
  print_result(options.shared, description);
  if (options.shared.json) return;
  print_origin(options.shared, description);
  std::cout << "\nmask unit                                  weights   masked\n";
  for (const UnitMask& unit : task.units)
    std::printf("%-40s %9ld  %6.2f%%\n", unit.name.c_str(), static_cast<long>(unit.count()),
                100 * unit.masked_fraction());
  std::fflush(stdout);
}

void verify(const TaskCommandOptions& options) {
  const Adaptation file = read_adaptation(options.task);
  Json result = {{"file", options.task},
                 {"whole", true},
                 {"backbone", file.backbone()},
                 {"weights_identity", file.weights_identity()}};
  if (!options.backbone.name.empty() || !options.backbone.weights.empty()) {
    AdaptedNetwork(*options.backbone.load(options.shared, file.backbone())).select(file);
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
  auto* command =
      options->add_to(program, "inspect", "What a task or cascade file holds (needs no weights)");
  command->add_option("FILE", options->task, "Task or cascade file")->required();
  command
      ->add_option("--plot", options->plot, "Draw the masked fraction by layer: .svg, .png or .pdf")
      ->type_name("FILE");
  command->callback([options] { inspect(*options); });
}

void add_verify_command(CLI::App& program) {
  auto options = std::make_shared<TaskCommandOptions>();
  auto* command = options->add_to(program, "verify", "Check every byte of a task or cascade file");
  options->backbone.add_to(*command);
  command->add_option("FILE", options->task, "Task or cascade file")->required();
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
