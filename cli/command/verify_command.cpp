
#include "base/fail.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/input_options.h"
#include "cli/output/print.h"
#include "run/task_source.h"
#include "taskfile/task_signature.h"

namespace submask::cli {
namespace {

struct VerifyOptions : NetworkOptions {
  std::string file;
  std::string key;
};

void check_signature(const VerifyOptions& options, const Adaptation& file) {
  const auto* task = std::get_if<PackedTask>(&file.content);
  if (task == nullptr || !is_signed_by(*task, options.key))
    fail_corrupt("the signature of the owner of " + options.key,
                 task == nullptr || task->signature.empty() ? "none" : "another", options.file);
}

// With a backbone the masks are decoded too, and compared with the hashes in the file.
void verify(const VerifyOptions& options) {
  const Adaptation file = read_adaptation(task_path(options.file));
  Json result = {{"file", options.file},
                 {"whole", true},
                 {"backbone", file.description().backbone},
                 {"weights_identity", file.description().weights_identity}};
  if (!options.key.empty()) {
    check_signature(options, file);
    result["signed_by"] = options.key;
  }
  if (options.names_backbone()) {
    const auto backbone = options.load_backbone(file.description().backbone);
    AdaptedNetwork(*backbone).select(file);
    result["fits_backbone"] = true;
  }
  print_result(options, result);
}

}  // namespace

void add_verify_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "verify", "Check every byte of a task or cascade file, who signed it, and its masks");
  auto options = std::make_shared<VerifyOptions>();
  options->add_to(*command);
  command->add_option("FILE", options->file, "Task or cascade file")->required();
  command->add_option("--key", options->key, "Public Ed25519 key that must have signed a task file")
      ->type_name("FILE.pem");
  command->callback([options] { verify(*options); });
}

}  // namespace submask::cli
