#include <cstdio>

#include <ATen/Parallel.h>

#include "base/keep_freed_memory.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/input_options.h"
#include "serve/api/serve.h"

namespace submask::cli {
namespace {

struct ServeCommandOptions : NetworkOptions {
  ServeOptions serve;
};

void serve_tasks(const ServeCommandOptions& options) {
  if (options.serve.tasks.empty()) fail_argument("--tasks DIR", "none");
  share_freed_memory();
  const auto backbone = options.load_backbone("");
  serve(*backbone, options.serve, at::get_num_threads(),
        {.ready =
             [](const std::string& line) {
               std::puts(line.c_str());
               std::fflush(stdout);
             },
         .note = [&](const std::string& line) { note(options, line); }});
}

}  // namespace

void add_serve_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "serve", "Serve the tasks of a folder over one backbone by HTTP, with a page");
  auto options = std::make_shared<ServeCommandOptions>();
  options->add_to(*command);
  add_field_options(*command, serve_fields(), options->serve);
  command->callback([options] { serve_tasks(*options); });
}

}  // namespace submask::cli
