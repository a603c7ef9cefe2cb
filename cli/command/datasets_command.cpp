// Lists the data sets. The functions that the subcommands in dataset_*.cpp share are here too.
#include <algorithm>
#include <iostream>

#include <submask/dataset.h>

#include "cli/command/commands.h"
#include "cli/command/datasets_subcommands.h"
#include "cli/option/field_options.h"
#include "cli/output/print.h"
#include "data/set/data_fields.h"
#include "data/set/passed_over.h"
#include "fetch/dataset_catalog.h"

namespace submask::cli {
namespace {

// Returns the command that fetches a data set; "" where the catalogue does not have it.
std::string fetch_command(const DatasetInfo& info) {
  const std::string name = info.spec.substr(0, info.spec.find_first_of(":["));
  for (const CatalogSet& set : published_catalog())
    if (set.name == name) return "submask datasets fetch " + name + " --out DIR";
  return "";
}

void list_datasets(const SharedOptions& shared) {
  Json list = Json::array();
  for (const DatasetInfo& info : dataset_list())
    list.push_back({{"name", info.name},
                    {"spec", info.spec},
                    {"layout", info.layout},
                    {"source", info.source},
                    {"fetch", fetch_command(info)}});
  if (shared.json) return print_result(shared, {{"datasets", list}});
  for (const DatasetInfo& info : dataset_list()) {
    std::cout << info.name << "\n  --data " << info.spec << "\n  layout: " << info.layout
              << "\n  source: " << info.source << '\n';
    if (const std::string command = fetch_command(info); !command.empty())
      std::cout << "  fetch: " << command << '\n';
  }
}

}  // namespace

CLI::App* DatasetsOptions::add_subcommand(CLI::App& datasets, const std::string& name,
                                          const std::string& help) {
  auto* command = datasets.add_subcommand(name, help);
  add_to(*command);
  command->add_option("D", input.data.spec, "As --data takes it")->required();
  add_field_options(*command, chosen_fields(data_fields(), {"class-order"}), input.data);
  add_decode_options(*command, input.data);
  return command;
}

void add_workers(CLI::App& command, int& workers) {
  command.add_option("--workers", workers, "Threads that decode images; 0: one a core")
      ->check(CLI::Range(0, 256));
}

void print_list(const std::string& title, const std::vector<std::string>& lines) {
  constexpr size_t most_shown = 20;
  if (lines.empty()) return;
  std::cout << '\n' << title << ":\n";
  for (size_t i = 0; i < std::min(lines.size(), most_shown); ++i)
    std::cout << "  " << lines[i] << '\n';
  if (lines.size() > most_shown)
    std::cout << "  and " << lines.size() - most_shown << " more (--json lists all)\n";
}

Json unreadable_json(const std::vector<UnreadableImage>& images) {
  Json list = Json::array();
  for (const UnreadableImage& image : images)
    list.push_back({{"name", image.name}, {"reason", image.reason}});
  return list;
}

void print_unreadable(const std::vector<UnreadableImage>& images) {
  std::vector<std::string> reasons;
  reasons.reserve(images.size());
  for (const UnreadableImage& image : images) reasons.push_back(image.reason);
  print_list("images that do not decode", reasons);
}

void print_damaged(const std::vector<UnreadableImage>& images) {
  std::vector<std::string> lines;
  lines.reserve(images.size());
  for (const UnreadableImage& image : images) lines.push_back(image.name + ": " + image.reason);
  print_list("damaged images that decode all the same (--strict-images refuses them)", lines);
}

void print_passed_over(const std::vector<PassedOver>& passed_over) {
  std::vector<std::string> lines;
  lines.reserve(passed_over.size());
  for (const PassedOver& files : passed_over) lines.push_back(describe({files}));
  print_list("passed over", lines);
}

void add_datasets_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "datasets",
      "Lists the data sets; fetch gets one, stats, verify, show and extract look into one");
  auto options = std::make_shared<DatasetsOptions>();
  options->add_to(*command);
  add_fetch_subcommand(*command, options);
  add_stats_subcommand(*command, options);
  add_verify_subcommand(*command, options);
  add_show_subcommand(*command, options);
  add_extract_subcommand(*command, options);
  command->callback([command, options] {
    if (command->get_subcommands().empty()) list_datasets(*options);
  });
}

}  // namespace submask::cli
