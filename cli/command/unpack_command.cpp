#include <ATen/ATen.h>

#include <submask/task_file.h>

#include "base/names.h"
#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "taskfile/pack.h"

namespace submask::cli {
namespace {

struct UnpackOptions : NetworkOptions {
  std::string file;
  std::string out;
};

// Plain masks are read without a backbone, unless the user names one.
Task read_unpacked(const UnpackOptions& options) {
  const PackedTask packed = read_packed_task(options.file);
  if (!needs_backbone(packed) && !options.names_backbone()) return unpack_task(packed);
  return read_task(options.file, *options.load_backbone(packed.backbone));
}

void unpack(const UnpackOptions& options) {
  check_writable(options.out);
  const Task task = read_unpacked(options);
  TensorMap masks;
  for (const UnitMask& unit : task.units) masks[unit.name] = unpack_mask(unit).to(at::kByte);
  write_safetensors(options.out, masks,
                    {{"backbone", task.backbone}, {"criterion", name_of(task.criterion)}});
  print_result(options,
               {{"out", options.out}, {"units", masks.size()}, {"weights", task.weights()}});
}

}  // namespace

void add_unpack_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "unpack", "The masks as a safetensors file of 0 and 1, one tensor a unit");
  auto options = std::make_shared<UnpackOptions>();
  options->add_to(*command);
  command->add_option("FILE", options->file, "Task file")->required();
  command->add_option("--out", options->out, "File to write")
      ->type_name("FILE.safetensors")
      ->required();
  command->callback([options] { unpack(*options); });
}

}  // namespace submask::cli
