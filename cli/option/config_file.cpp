#include "cli/option/config_file.h"

#include <algorithm>
#include <set>

#include "run/toml_file.h"

namespace submask::cli {
namespace {

// "rate" for "--rate" and "--rate=5"; "" for an argument that is no option.
std::string option_name(const std::string& argument) {
  return argument.starts_with("--") ? argument.substr(2, argument.find('=') - 2) : "";
}

}  // namespace

Arguments expand_config(Arguments arguments) {
  Assignments from_files;
  for (size_t i = 0; i < arguments.size();) {
    const auto begin = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    std::string path;
    if (arguments[i].starts_with("--config=")) {
      path = arguments[i].substr(9);
      arguments.erase(begin);
    } else if (arguments[i] == "--config" && i + 1 < arguments.size()) {
      path = arguments[i + 1];
      arguments.erase(begin, begin + 2);
    } else {
      ++i;
      continue;
    }
    from_files = overridden(from_files, read_assignments(parse_toml(path), "", path));
  }
  std::set<std::string> on_command_line;
  for (const std::string& argument : arguments) on_command_line.insert(option_name(argument));
  Arguments options;
  for (const auto& [name, words] : from_files)
    if (!on_command_line.contains(name))
      for (const std::string& word : words) options.push_back("--" + name + "=" + word);
  // The name of the command stays first.
  const auto after_command = arguments.begin() + (arguments.empty() ? 0 : 1);
  arguments.insert(after_command, options.begin(), options.end());
  return arguments;
}

}  // namespace submask::cli
