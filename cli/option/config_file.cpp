#include "cli/option/config_file.h"

#include <map>
#include <set>

#include "base/fail.h"
#include "base/file_in_errors.h"
#include "run/toml_file.h"

namespace submask::cli {
namespace {

struct Setting {
  std::string key;
  Words words;
  std::string place;  // "FILE, line N"
};
using Settings = std::map<const CLI::Option*, Setting>;

// Returns "--rate" for "--rate" and for "--rate=5".
std::string option_name(const std::string& argument) {
  return argument.substr(0, argument.find('='));
}

// Calls `work` and adds the place of the key to its errors, also to those of CLI11.
template <typename Work>
void name_place_in_errors(const std::string& place, const Work& work) {
  with_file_in_errors(ErrorKind::invalid_argument, place, [&] {
    try {
      work();
    } catch (const CLI::ParseError& error) {
      fail(ErrorKind::invalid_argument, error.what());
    }
  });
}

void read_settings(const NamedCommand& command, const std::string& file, Settings& settings) {
  const toml::table table = parse_toml(file);
  const OptionPlaces places = places_of(table, file);
  for (const auto& [key, words] : read_assignments(table, "", file))
    name_place_in_errors(places.at(key), [&, &key = key, &words = words] {
      const CLI::Option& option = command.setting(key);
      if (words.size() != 1 && option.get_multi_option_policy() != CLI::MultiOptionPolicy::TakeAll)
        fail_toml("one value for " + key, text("a list of ", words.size()), places.at(key));
      settings[&option] = {key, words, places.at(key)};
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

OptionPlaces apply_config(const std::vector<std::string>& files, const NamedCommand& command,
                          const Arguments& arguments) {
  Settings settings;
  for (const std::string& file : files) read_settings(command, file, settings);
  std::set<const CLI::Option*> on_command_line;
  for (const std::string& argument : arguments)
    if (argument.starts_with("--"))
      on_command_line.insert(command.app->get_option_no_throw(option_name(argument)));
  OptionPlaces places;
  // Options are set in the order in which the command has them, as CLI11 does.
  for (CLI::Option* option : command.app->get_options({})) {
    const auto found = settings.find(option);
    if (found == settings.end() || on_command_line.contains(option)) continue;
    const Setting& setting = found->second;
    name_place_in_errors(setting.place, [&] { set_option(*option, setting.words); });
    places[setting.key] = setting.place;
  }
  return places;
}

}  // namespace submask::cli
