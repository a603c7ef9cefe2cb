#include "cli/option/named_command.h"

#include <algorithm>

#include "base/fail.h"
#include "base/nearest_name.h"

namespace submask::cli {
namespace {

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(command->get_name());
  return names;
}

bool asks_for_nothing_else(const std::string& argument) {
  return argument == "--help" || argument == "-h" || argument == "--version";
}

}  // namespace

CLI::Option& NamedCommand::option(const std::string& name) const {
  std::vector<std::string> names;
  for (CLI::Option* option : app->get_options({}))
    for (const std::string& known : option->get_lnames()) {
      if ("--" + known == name) return *option;
      names.push_back("--" + known);
    }
  fail_unknown("an option of " + path, name, names, path + " --help lists them");
}

NamedCommand named_command(CLI::App& program, const Arguments& arguments) {
  NamedCommand command{&program, "submask"};
  auto word = arguments.begin();
  for (; word != arguments.end() && !word->starts_with('-'); ++word) {
    const std::vector<std::string> names = subcommand_names(*command.app);
    if (names.empty()) break;
    if (std::find(names.begin(), names.end(), *word) == names.end())
      fail_unknown("a command", *word, names, command.path + " --help lists them");
    command.app = command.app->get_subcommand(*word);
    command.path += " " + *word;
  }
  if (command.app->get_require_subcommand_min() > 0 &&
      std::none_of(word, arguments.end(), asks_for_nothing_else)) {
    if (word != arguments.end() && word->starts_with("--"))
      command.option(word->substr(0, word->find('=')));
    fail_argument("a command (" + command.path + " --help lists them)",
                  word == arguments.end() ? "none" : *word);
  }
  return command;
}

}  // namespace submask::cli
