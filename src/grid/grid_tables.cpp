#include "grid/grid_tables.h"

#include <algorithm>

#include "base/nearest_name.h"
#include "run/run_fields.h"

namespace submask {
namespace {

// The grid sets these options of its cells itself, or only the command line has a use for them.
const std::set<std::string> reserved_options = {"config", "dispatcher", "help",    "json",
                                                "method", "no-heads",   "quiet",   "report",
                                                "task",   "tasks",      "threads", "tune"};

bool is_reserved(const std::string& name) {
  if (reserved_options.contains(name)) return true;
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure})
    if (const auto* field = find_field(run_fields(kind), name); field != nullptr)
      return field->effect == Effect::nothing;
  return false;
}

std::set<std::string> cell_options() {
  std::set<std::string> names;
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure})
    for (const std::string& name : field_names(run_fields(kind)))
      if (!is_reserved(name)) names.insert(name);
  return names;
}

std::string nearest(const std::string& name, const std::set<std::string>& names) {
  return nearest_name(name, {names.begin(), names.end()});
}

int64_t line_of(const toml::node& node) { return node.source().begin.line; }

// toml++ sorts the keys of a table by name.
std::vector<std::pair<std::string, const toml::node*>> in_file_order(const toml::table& table) {
  std::vector<std::pair<std::string, const toml::node*>> items;
  for (const auto& [key, node] : table) items.emplace_back(key.str(), &node);
  std::stable_sort(items.begin(), items.end(), [](const auto& a, const auto& b) {
    return line_of(*a.second) < line_of(*b.second);
  });
  return items;
}

}  // namespace

GridTables::GridTables(const std::string& path)
    : path_(path), options_(cell_options()), file_(parse_toml(path)) {
  read_head();
  read_axes();
}

void GridTables::fail(const std::string& expected, const std::string& got,
                      const toml::node& node) const {
  fail_toml(expected, got, place_of(node, path_));
}

void GridTables::read_head() {
  static const std::set<std::string> keys = {"title", "version", "all", "run"};
  for (const auto& [name, node] : in_file_order(file_))
    if (!keys.contains(name) && !node->is_table())
      fail("a key of a grid (" + nearest(name, keys) + "?)", name, *node);
  if (const auto* title = file_.get("title")) {
    if (!title->is_string()) fail("a title in quotes", toml_text(*title, "title", path_), *title);
    title_ = *title->value_exact<std::string>();
  }
  if (const auto* version = file_.get("version")) {
    version_ = version->value_exact<int64_t>().value_or(0);
    if (version_ < 1) fail("a version from 1", toml_text(*version, "version", path_), *version);
  }
  if (const auto* common = file_.get("all")) {
    if (!common->is_table()) fail("[all], a table", "another value", *common);
    common_options_ = options_of(*common->as_table(), {});
  }
}

void GridTables::read_axes() {
  for (const auto& [name, node] : in_file_order(file_)) {
    if (name == "all" || !node->is_table()) continue;
    if (name.empty() || options_.contains(name) || is_reserved(name) || name == "then")
      fail("an axis named otherwise than an option", name, *node);
    Axis axis{name, {}};
    for (const auto& [value, options] : in_file_order(*node->as_table()))
      axis.values.push_back(axis_value(name, value, *options));
    if (!axis.values.empty()) axes_.push_back(std::move(axis));
  }
}

AxisValue GridTables::axis_value(const std::string& axis, const std::string& name,
                                 const toml::node& node) const {
  if (!node.is_table())
    fail("tables [" + axis + ".NAME] of options", "the key " + name + " in [" + axis + "]", node);
  return {name, options_of(*node.as_table(), {})};
}

Sweeps GridTables::options_of(const toml::table& table,
                              const std::set<std::string>& other_keys) const {
  Sweeps sweeps;
  for (const auto& [name, node] : in_file_order(table)) {
    if (other_keys.contains(name)) continue;
    if (is_reserved(name))
      fail("options of the cells", name + ", which a grid's cells do not have", *node);
    if (!options_.contains(name))
      fail("an option of submask train, cascade or evaluate (" + nearest(name, options_) + "?)",
           name, *node);
    sweeps[name] = sweep_of(name, *node);
  }
  return sweeps;
}

Sweep GridTables::sweep_of(const std::string& name, const toml::node& node) const {
  const auto make_choice = [&](const toml::node& value) {
    Choice choice;
    choice.place = place_of(value, path_);
    const auto add = [&](const toml::node& item) {
      const std::string text = toml_text(item, name, path_);
      choice.text += (choice.words.empty() ? "" : " ") + text;
      choice.words.push_back(text);
    };
    if (const toml::array* items = value.as_array()) {
      for (const toml::node& item : *items) add(item);
    } else {
      add(value);
    }
    return choice;
  };
  const toml::array* list = node.as_array();
  if (list == nullptr) return {make_choice(node)};
  if (list->empty()) fail("at least one value of " + name, "none", node);
  Sweep sweep;
  for (const toml::node& value : *list) {
    sweep.push_back(make_choice(value));
    sweep.back().swept = true;
  }
  return sweep;
}

const toml::array& GridTables::tables_of(const toml::table& table, const std::string& name) const {
  static const toml::array none;
  const toml::node* node = table.get(name);
  if (node == nullptr && &table != &file_) return none;
  if (node == nullptr) fail("[[" + name + "]] tables", "none", table);
  if (!node->is_array_of_tables()) fail("[[" + name + "]] tables", "another value", *node);
  return *node->as_array();
}

Sweeps GridTables::options_of_run(const toml::table& run) const {
  std::set<std::string> other_keys = {"method", "then"};
  for (const Axis& axis : axes_) other_keys.insert(axis.name);
  return options_of(run, other_keys);
}

std::vector<std::string> GridTables::names_of(const toml::node& node, const std::string& kind,
                                              const std::set<std::string>& known) const {
  std::vector<std::string> names;
  for (const Choice& choice : sweep_of(kind, node)) {
    if (!known.contains(choice.text))
      fail("a " + kind + " (" + nearest(choice.text, known) + "?)", choice.text, node);
    names.push_back(choice.text);
  }
  return names;
}

std::vector<std::string> GridTables::methods_of_run(const toml::table& run,
                                                    const std::set<std::string>& known) const {
  const toml::node* node = run.get("method");
  if (node == nullptr) fail("a method in each run", "none", run);
  return names_of(*node, "method", known);
}

std::vector<const AxisValue*> GridTables::values_of_run(const Axis& axis,
                                                        const toml::table& run) const {
  std::set<std::string> known;
  for (const AxisValue& value : axis.values) known.insert(value.name);
  const toml::node* node = run.get(axis.name);
  const std::vector<std::string> wanted = node == nullptr
                                              ? std::vector<std::string>(known.begin(), known.end())
                                              : names_of(*node, axis.name, known);
  std::vector<const AxisValue*> values;
  for (const AxisValue& value : axis.values)
    if (std::find(wanted.begin(), wanted.end(), value.name) != wanted.end())
      values.push_back(&value);
  return values;
}

}  // namespace submask
