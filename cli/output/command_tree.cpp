#include "cli/output/command_tree.h"

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/train.h>

#include "base/names.h"
#include "fetch/dataset_catalog.h"
#include "run/run_fields.h"

namespace submask::cli {
namespace {

// The known values of options whose type is no enumeration, because files give more values.
std::vector<std::string> known_values(const std::string& command, const std::string& name) {
  std::vector<std::string> values;
  if (name == "--backbone" || command + " " + name == "backbones show NAME")
    for (const BackboneInfo& info : backbone_list()) values.push_back(info.name);
  if (name == "--recipe") values = recipe_names();
  if (name == "--data")
    for (const DatasetInfo& info : dataset_list())
      values.push_back(info.spec.substr(0, info.spec.find_first_of(":[")));
  if (command + " " + name == "datasets fetch NAME")
    for (const CatalogSet& set : published_catalog()) values.push_back(set.name);
  return values;
}

// {"fs", "fft"} for the type name "{fs,fft}"; empty for other type names.
std::vector<std::string> choices_of(const std::string& type) {
  std::vector<std::string> choices;
  if (!type.starts_with('{') || !type.ends_with('}')) return choices;
  std::string word;
  for (const char c : type.substr(1, type.size() - 2)) {
    if (c != ',') {
      word += c;
      continue;
    }
    choices.push_back(word);
    word.clear();
  }
  choices.push_back(word);
  return choices;
}

std::string effect_of(const std::string& command, const std::string& option) {
  for (const RunKind kind : {RunKind::learn, RunKind::cascade, RunKind::measure}) {
    if (command != name_of(kind) || !option.starts_with("--")) continue;
    const auto* field = find_field(run_fields(kind), option.substr(2));
    return field == nullptr ? name_of(Effect::nothing) : name_of(field->effect);
  }
  return "";
}

OptionEntry entry_of(const std::string& command, const CLI::Option& option) {
  OptionEntry entry;
  for (const std::string& name : option.get_lnames()) entry.names.push_back("--" + name);
  if (entry.names.empty()) entry.names.push_back(option.get_name());
  const std::string& name = entry.names.front();
  entry.group = option.get_group();
  entry.takes_value = option.get_items_expected_max() > 0;
  // The type of a positional argument would repeat its name.
  if (entry.takes_value && name.starts_with("--")) entry.type = option.get_type_name();
  entry.default_value = option.get_default_str();
  entry.help = option.get_description();
  entry.choices = choices_of(option.get_type_name());
  if (entry.choices.empty()) entry.choices = known_values(command, name);
  entry.effect = effect_of(command, name);
  entry.names_folder = option.get_type_name() == "DIR";
  entry.names_file = option.get_type_name().starts_with("FILE") || option.get_type_name() == "TASK";
  return entry;
}

void add_command(const CLI::App& app, const std::string& path, std::vector<CommandEntry>& tree) {
  const size_t index = tree.size();
  tree.push_back({path, app.get_description(), {}, {}});
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_group().empty() || option->get_name() == "--help") continue;
    tree[index].options.push_back(entry_of(path, *option));
    tree[index].has_effects |= !tree[index].options.back().effect.empty();
  }
  // Options of a group come together, in the order of the groups' first options.
  std::stable_sort(tree[index].options.begin(), tree[index].options.end(),
                   [&, first = tree[index].options](const auto& a, const auto& b) {
                     const auto rank = [&](const std::string& group) {
                       size_t i = 0;
                       while (first[i].group != group) ++i;
                       return i;
                     };
                     return rank(a.group) < rank(b.group);
                   });
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    tree[index].subcommands.push_back(command->get_name());
    add_command(*command, (path.empty() ? "" : path + " ") + command->get_name(), tree);
  }
}

}  // namespace

std::vector<CommandEntry> command_tree(const CLI::App& program) {
  std::vector<CommandEntry> tree;
  add_command(program, "", tree);
  return tree;
}

}  // namespace submask::cli
