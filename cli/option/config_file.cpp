#include "cli/option/config_file.h"

#include <map>
#include <set>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "run/toml_file.h"

namespace submask::cli {
namespace {

struct Setting {
  Words words;
  std::string file;
};
using Settings = std::map<const CLI::Option*, Setting>;

// "--rate" for "--rate" and "--rate=5".
std::string option_name(const std::string& argument) {
  return argument.substr(0, argument.find('='));
}

// Calls `work`, whose errors then say which file they are about, those of CLI11 too.
template <typename Work>
void name_file_in_errors(const std::string& file, const Work& work) {
  with_file_in_errors(ErrorKind::invalid_argument, file, [&] {
    try {
      work();
    } catch (const CLI::ParseError& error) {
      fail(ErrorKind::invalid_argument, error.what());
    }
  });
}

void read_settings(const NamedCommand& command, const std::string& file, Settings& settings) {
  for (const auto& [name, words] : read_assignments(parse_toml(file), "", file))
    name_file_in_errors(file, [&, &name = name, &words = words] {
      const CLI::Option& option = command.option("--" + name);
      if (words.size() != 1 && option.get_multi_option_policy() != CLI::MultiOptionPolicy::TakeAll)
        fail_toml("one value for " + name, text("a list of ", words.size()), file);
      settings[&option] = {words, file};
    });
}

void set_option(CLI::Option& option, const Words& words) {
  const bool is_flag = option.get_items_expected_max() == 0;
  for (const std::string& word : words)
    option.add_result(is_flag ? option.get_flag_value(option.get_lnames().front(), word) : word);
  if (!words.empty()) option.run_callback();
}

}  // namespace

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

void apply_config(const std::vector<std::string>& files, const NamedCommand& command,
                  const Arguments& arguments) {
  Settings settings;
  for (const std::string& file : files) read_settings(command, file, settings);
  std::set<const CLI::Option*> on_command_line;
  for (const std::string& argument : arguments)
    if (argument.starts_with("--"))
      on_command_line.insert(command.app->get_option_no_throw(option_name(argument)));
  // In the order in which the command has its options, as CLI11 sets them.
  for (CLI::Option* option : command.app->get_options({}))
    if (const auto setting = settings.find(option);
        setting != settings.end() && !on_command_line.contains(option))
      name_file_in_errors(setting->second.file,
                          [&] { set_option(*option, setting->second.words); });
}

}  // namespace submask::cli
