#include "cli/option/named_command.h"

#include <algorithm>

#include "base/nearest_name.h"

namespace submask::cli {

const CLI::Option& NamedCommand::option(const std::string& name) const {
  if (const CLI::Option* option = app->get_option_no_throw(name)) return *option;
  std::vector<std::string> names;
  for (const CLI::Option* option : app->get_options())
    for (const std::string& known : option->get_lnames()) names.push_back("--" + known);
  fail_unknown("an option of " + path, name, names, path + " --help lists them");
}

NamedCommand named_command(const CLI::App& program, const Arguments& arguments) {
  NamedCommand command{&program, "submask"};
  for (const std::string& word : arguments) {
    std::vector<std::string> names;
    for (const CLI::App* each : command.app->get_subcommands(nullptr))
      names.push_back(each->get_name());
    if (word.starts_with('-') || names.empty()) break;
    if (std::find(names.begin(), names.end(), word) == names.end())
      fail_unknown("a command", word, names, command.path + " --help lists them");
    command.app = command.app->get_subcommand(word);
    command.path += " " + word;
    ++command.words;
  }
  return command;
}

}  // namespace submask::cli
