#include "cli/option/config_file.h"

#include <set>

#include "base/fail.h"
#include "run/toml_file.h"

namespace submask::cli {
namespace {

// "rate" for "--rate" and "--rate=5"; "" for an argument that is no option.
std::string option_name(const std::string& argument) {
  return argument.starts_with("--") ? argument.substr(2, argument.find('=') - 2) : "";
}

// Takes every --config and its file out of the arguments.
std::vector<std::string> take_config_files(Arguments& arguments) {
  std::vector<std::string> files;
  Arguments others;
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i].starts_with("--config="))
      files.push_back(arguments[i].substr(9));
    else if (arguments[i] == "--config" && i + 1 < arguments.size())
      files.push_back(arguments[++i]);
    else
      others.push_back(arguments[i]);
  }
  arguments = std::move(others);
  return files;
}

Assignments read_options(const NamedCommand& command, const std::string& file) {
  Assignments options = read_assignments(parse_toml(file), "", file);
  for (const auto& [name, words] : options) try {
      const CLI::Option& option = command.option("--" + name);
      if (words.size() != 1 && option.get_multi_option_policy() != CLI::MultiOptionPolicy::TakeAll)
        fail_toml("one value for " + name, text("a list of ", words.size()), file);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::invalid_argument) throw;
      fail(error.kind(), error.what(), ", in ", file);
    }
  return options;
}

}  // namespace

Arguments expand_config(const CLI::App& program, Arguments arguments) {
  const std::vector<std::string> files = take_config_files(arguments);
  const NamedCommand command = named_command(program, arguments);
  Assignments from_files;
  for (const std::string& file : files)
    from_files = overridden(from_files, read_options(command, file));
  std::set<std::string> on_command_line;
  for (const std::string& argument : arguments) on_command_line.insert(option_name(argument));
  Arguments options;
  for (const auto& [name, words] : from_files)
    if (!on_command_line.contains(name))
      for (const std::string& word : words) options.push_back("--" + name + "=" + word);
  arguments.insert(arguments.begin() + static_cast<std::ptrdiff_t>(command.words), options.begin(),
                   options.end());
  return arguments;
}

}  // namespace submask::cli
