#include "cli/option/config_file.h"

#include <algorithm>
#include <set>
#include <utility>

#include "cli/option/toml_file.h"

namespace submask::cli {
namespace {

void add_option(const std::string& key, const toml::node& node, const std::string& path,
                Arguments& options) {
  if (const toml::array* list = node.as_array()) {
    for (const toml::node& item : *list)
      options.push_back("--" + key + "=" + toml_text(item, key, path));
  } else {
    options.push_back("--" + key + "=" + toml_text(node, key, path));
  }
}

// [[crop]] tables, each an option of FIELD=VALUE,...
void add_crops(const toml::array& crops, const std::string& path, Arguments& options) {
  for (const toml::node& crop : crops) {
    std::string fields;
    for (const auto& [field, node] : *crop.as_table()) {
      const std::string name(field.str());
      fields += (fields.empty() ? "" : ",") + name + "=" + toml_text(node, name, path);
    }
    options.push_back("--crop=" + fields);
  }
}

// `tables` is the one key that may hold tables: they are the caller's.
Arguments table_options(const toml::table& table, const std::string& tables,
                        const std::string& path) {
  Arguments options;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (name == tables) continue;
    if (name == "crop" && node.is_array_of_tables()) {
      add_crops(*node.as_array(), path, options);
      continue;
    }
    if (node.is_table() || node.is_array_of_tables())
      fail_toml("options as key = value", "a table, " + name, path);
    if (name == "config") fail_toml("options", "config: one file does not name another", path);
    add_option(name, node, path, options);
  }
  return options;
}

}  // namespace

std::string option_name(const std::string& argument) {
  return argument.starts_with("--") ? argument.substr(0, argument.find('=')) : "";
}

Arguments override_options(const Arguments& base, const Arguments& winning) {
  std::set<std::string> given;
  for (const std::string& argument : winning) given.insert(option_name(argument));
  Arguments result;
  std::copy_if(base.begin(), base.end(), std::back_inserter(result),
               [&](const std::string& option) { return !given.contains(option_name(option)); });
  result.insert(result.end(), winning.begin(), winning.end());
  return result;
}

Arguments expand_config(Arguments arguments) {
  Arguments from_files;
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
    from_files = override_options(from_files, table_options(parse_toml(path), "", path));
  }
  if (arguments.empty()) return from_files;
  // The command's name stays first.
  Arguments result = override_options(from_files, {arguments.begin() + 1, arguments.end()});
  result.insert(result.begin(), arguments.front());
  return result;
}

std::vector<Arguments> load_task_list(const std::string& path) {
  const toml::table file = parse_toml(path);
  const toml::array* tasks = file["task"].as_array();
  if (tasks == nullptr || !tasks->is_array_of_tables()) fail_toml("[[task]] tables", "none", path);
  const Arguments common = table_options(file, "task", path);
  std::vector<Arguments> list;
  for (const toml::node& node : *tasks)
    list.push_back(override_options(common, table_options(*node.as_table(), "", path)));
  return list;
}

}  // namespace submask::cli
