#include "base/output_file.h"
#include "cli/command/commands.h"
#include "cli/option/shared_options.h"
#include "cli/output/print.h"
#include "taskfile/task_signature.h"

namespace submask::cli {
namespace {

struct SignOptions : SharedOptions {
  std::string file;
  std::string key;
  std::string out;
};

void sign(const SignOptions& options) {
  const std::string out = options.out.empty() ? options.file : options.out;
  check_writable(out);
  PackedTask task = read_packed_task(options.file);
  sign_task(task, options.key);
  write_task(out, task);
  print_result(options, {{"out", out}, {"signature", task.signature}});
}

}  // namespace

void add_sign_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "sign", "Sign a task file by an Ed25519 key (submask verify --key checks it)");
  auto options = std::make_shared<SignOptions>();
  options->add_to(*command);
  command->add_option("FILE", options->file, "Task file")->required();
  command
      ->add_option("--key", options->key,
                   "Private key, as openssl genpkey -algorithm ed25519 writes it")
      ->type_name("FILE.pem")
      ->required();
  command->add_option("--out", options->out, "Task file to write; none: FILE itself")
      ->type_name("FILE");
  command->callback([options] { sign(*options); });
}

}  // namespace submask::cli
