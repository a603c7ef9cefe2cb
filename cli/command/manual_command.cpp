// Prints pages of the program's options, and completion scripts for shells.
#include <iostream>
#include <memory>

#include "base/names.h"
#include "cli/command/commands.h"
#include "cli/option/value_checks.h"
#include "cli/output/option_pages.h"

namespace submask::cli {

void add_manual_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "manual", "Every command and option on a page: submask manual | man -l -");
  auto format = std::make_shared<std::string>("man");
  limit_to(command->add_option("--format", *format, "man (roff) or markdown"), {"man", "markdown"});
  command->callback([&program, format] {
    std::cout << (*format == "man" ? manual_page(program) : markdown_page(program)) << std::flush;
  });
}

void add_completion_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "completion",
      "Completion of commands, options and their values: source <(submask completion "
      "bash)");
  auto shell = std::make_shared<std::string>();
  limit_to(command->add_option("SHELL", *shell, one_of(all_names<Shell>()))->required(),
           all_names<Shell>());
  command->callback([&program, shell] {
    std::cout << completion_script(program, value_named<Shell>(*shell, "a shell")) << std::flush;
  });
}

}  // namespace submask::cli
