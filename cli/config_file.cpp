#include "cli/config_file.h"

#include <submask/error.h>
#include <toml++/toml.h>

#include <sstream>
#include <utility>

namespace submask::cli {
namespace {

[[noreturn]] void fail_config(const std::string& expected, const std::string& got, const std::string& path) {
  throw Error(ErrorKind::corrupt_file, "expected " + expected + ", got " + got + ", in " + path);
}

toml::table parse(const std::string& path) {
  try {
    return toml::parse_file(path);
  } catch (const toml::parse_error& error) {
    std::ostringstream where;
    where << error.description() << " at " << error.source().begin;
    fail_config("TOML", where.str(), path);
  }
}

std::string value_text(const toml::node& node, const std::string& key, const std::string& path) {
  if (const auto text = node.value_exact<std::string>()) return *text;
  std::ostringstream out;
  out.precision(17);
  if (const auto integer = node.value_exact<int64_t>()) {
    out << *integer;
  } else if (const auto number = node.value_exact<double>()) {
    out << *number;
  } else {
    fail_config("a text, number, true, false or list for " + key, "another value", path);
  }
  return out.str();
}

void add_option(const std::string& key, const toml::node& node, const std::string& path,
                std::vector<std::string>& options) {
  if (const auto flag = node.value_exact<bool>()) {
    options.push_back("--" + key + "=" + (*flag ? "true" : "false"));
  } else if (const toml::array* list = node.as_array()) {
    for (const toml::node& item : *list) options.push_back("--" + key + "=" + value_text(item, key, path));
  } else {
    options.push_back("--" + key + "=" + value_text(node, key, path));
  }
}

std::vector<std::string> table_options(const toml::table& table, const std::string& path) {
  std::vector<std::string> options;
  for (const auto& [key, node] : table) {
    const std::string name(key.str());
    if (node.is_array_of_tables() || node.is_table()) continue;
    add_option(name, node, path, options);
  }
  return options;
}

}  // namespace

std::vector<std::string> expand_config(std::vector<std::string> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    std::string path;
    size_t used = 1;
    if (arguments[i].starts_with("--config=")) {
      path = arguments[i].substr(9);
    } else if (arguments[i] == "--config" && i + 1 < arguments.size()) {
      path = arguments[i + 1];
      used = 2;
    } else {
      continue;
    }
    const auto begin = arguments.begin() + static_cast<std::ptrdiff_t>(i);
    arguments.erase(begin, begin + static_cast<std::ptrdiff_t>(used));
    const std::vector<std::string> options = table_options(parse(path), path);
    // After the command's name: of an option given twice the last one counts.
    const std::ptrdiff_t place = arguments.empty() ? 0 : 1;
    arguments.insert(arguments.begin() + place, options.begin(), options.end());
    return arguments;
  }
  return arguments;
}

std::vector<std::vector<std::string>> load_task_list(const std::string& path) {
  const toml::table file = parse(path);
  const std::vector<std::string> common = table_options(file, path);
  const toml::array* tasks = file["task"].as_array();
  if (tasks == nullptr || !tasks->is_array_of_tables())
    fail_config("[[task]] tables", "none", path);
  std::vector<std::vector<std::string>> list;
  for (const toml::node& node : *tasks) {
    std::vector<std::string> options = common;
    const std::vector<std::string> own = table_options(*node.as_table(), path);
    options.insert(options.end(), own.begin(), own.end());
    list.push_back(std::move(options));
  }
  return list;
}

}  // namespace submask::cli
