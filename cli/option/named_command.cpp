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

// Among the options that may be meant, the one of this name, which has `dashes` before it.
template <typename MayBeMeant>
CLI::Option& find_option(const NamedCommand& command, const std::string& dashes,
                         const std::string& name, const MayBeMeant& may_be_meant) {
  std::vector<std::string> names;
  for (CLI::Option* option : command.app->get_options({})) {
    if (!may_be_meant(*option)) continue;
    for (const std::string& known : option->get_lnames()) {
      if (dashes + known == name) return *option;
      names.push_back(dashes + known);
    }
  }
  fail_unknown("an option of " + command.path, name, names, command.path + " --help lists them");
}

bool needs_no_command(const std::string& argument) {
  return argument == "--help" || argument == "-h" || argument == "--version";
}

}  // namespace

CLI::Option& NamedCommand::option(const std::string& name) const {
  return find_option(*this, "--", name, [](const CLI::Option&) { return true; });
}

CLI::Option& NamedCommand::setting(const std::string& key) const {
  return find_option(*this, "", key, [&](const CLI::Option& option) {
    return &option != app->get_help_ptr() && &option != app->get_version_ptr() &&
           !option.get_group().empty();
  });
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
      std::none_of(word, arguments.end(), needs_no_command)) {
    if (word != arguments.end() && word->starts_with("--"))
      command.option(word->substr(0, word->find('=')));  // throws for an unknown option
    fail_argument("a command (" + command.path + " --help lists them)",
                  word == arguments.end() ? "none" : *word);
  }
  return command;
}

}  // namespace submask::cli
