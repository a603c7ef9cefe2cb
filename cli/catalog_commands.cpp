// Commands that list what there is: backbones, datasets.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <submask/backbone.h>
#include <submask/dataset.h>
#include <submask/error.h>
#include <submask/output_file.h>

#include "cli/commands.h"
#include "cli/input_options.h"

namespace submask::cli {
namespace {

Json describe(const BackboneInfo& info) {
  const Preprocessing& p = info.preprocessing;
  return {{"name", info.name},
          {"family", info.family},
          {"parameters", info.parameters},
          {"feature_width", info.feature_width},
          {"input_size", p.input_size},
          {"crop_share", p.crop_share},
          {"interpolation", p.interpolation},
          {"mean", p.mean},
          {"std", p.std},
          {"update_rule", info.defaults.update_rule},
          {"rate", info.defaults.rate},
          {"head_rate", info.defaults.head_rate},
          {"fine_tune_rate", info.defaults.fine_tune_rate},
          {"embedded_weights", info.has_embedded_weights},
          {"weights_source", info.weights_source}};
}

void list_backbones(const SharedOptions& shared) {
  if (shared.json) {
    Json list = Json::array();
    for (const BackboneInfo& info : backbone_list()) list.push_back(describe(info));
    return print_result(shared, {{"backbones", list}});
  }
  std::printf("%-24s %10s %6s %6s  %s\n", "backbone", "parameters", "width", "input", "weights");
  for (const BackboneInfo& info : backbone_list())
    std::printf("%-24s %9.2fM %6ld %6ld  %s\n", info.name.c_str(),
                static_cast<double>(info.parameters) / 1e6, static_cast<long>(info.feature_width),
                static_cast<long>(info.preprocessing.input_size),
                info.has_embedded_weights ? "embedded" : info.weights_source.c_str());
}

void show_backbone(const SharedOptions& shared, const BackboneOptions& options) {
  const bool has_weights =
      !options.weights.empty() || backbone_info(options.name).has_embedded_weights;
  const auto backbone =
      has_weights ? options.load(shared) : Backbone::create(options.name, shared.seed);
  Json result = describe(backbone->info());
  if (has_weights) result["weights_identity"] = backbone->identity();
  Json units = Json::array();
  const TensorMap parameters = backbone->parameters();
  for (const MaskUnit& unit : backbone->mask_units())
    units.push_back(
        {{"name", unit.name},
         {"kind", unit.kind},
         {"weights", parameters.at(unit.parameter)[0].numel() * (unit.row_end - unit.row_begin)},
         {"masked_by_default", unit.masked_by_default}});
  result["units"] = units;
  print_result(shared, result);
  if (shared.json) return;
  std::cout << "\nmask unit                                  weights  by default  kind\n";
  for (const Json& unit : units)
    std::printf("%-40s %9ld  %-10s  %s\n", unit["name"].get<std::string>().c_str(),
                unit["weights"].get<long>(),
                unit["masked_by_default"].get<bool>() ? "masked" : "left",
                unit["kind"].get<std::string>().c_str());
}

void list_datasets(const SharedOptions& shared) {
  Json list = Json::array();
  for (const DatasetInfo& info : dataset_list())
    list.push_back({{"name", info.name},
                    {"spec", info.spec},
                    {"layout", info.layout},
                    {"source", info.source}});
  if (shared.json) return print_result(shared, {{"datasets", list}});
  for (const DatasetInfo& info : dataset_list())
    std::cout << info.name << "\n  --data " << info.spec << "\n  layout: " << info.layout
              << "\n  source: " << info.source << '\n';
}

void dataset_stats(const SharedOptions& shared, const InputOptions& input) {
  const DataSplits data = input.open(shared);
  const auto& names = data.train->class_names();
  Json classes = Json::array();
  std::vector<int64_t> train(names.size()), test(names.size());
  for (int64_t i = 0; i < data.train->size(); ++i) ++train[data.train->label(i)];
  for (int64_t i = 0; i < data.test->size(); ++i) ++test[data.test->label(i)];
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back({{"name", names[c]}, {"train", train[c]}, {"test", test[c]}});
  print_result(shared, {{"data", input.data.spec},
                        {"data_digest", data.train->digest()},
                        {"train_images", data.train->size()},
                        {"test_images", data.test->size()},
                        {"classes", classes}});
  if (shared.json) return;
  std::cout << "\nclass                              train      test\n";
  for (size_t c = 0; c < names.size(); ++c)
    std::printf("%-30s %9ld %9ld\n", names[c].c_str(), static_cast<long>(train[c]),
                static_cast<long>(test[c]));
}

// The first test images as files, so that there is something to predict: DIR/<class>-<index>.png.
void extract_images(const SharedOptions& shared, const InputOptions& input,
                    const std::string& folder, int64_t count) {
  const DataSplits data = input.open(shared);
  Json files = Json::array();
  for (int64_t i = 0; i < std::min(count, data.test->size()); ++i) {
    std::string name = data.test->class_names()[static_cast<size_t>(data.test->label(i))];
    for (char& c : name)
      if (c == '/' || c == ' ') c = '-';
    const auto path = std::filesystem::path(folder) / (name + "-" + std::to_string(i) + ".png");
    check_writable(path);
    write_png(data.test->image(i), path);
    files.push_back(path.string());
  }
  print_result(
      shared,
      {{"data", input.data.spec}, {"out", folder}, {"images", files.size()}, {"files", files}});
}

}  // namespace

void add_backbones_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("backbones", "Lists the backbones; show NAME tells more of one");
  auto shared = std::make_shared<SharedOptions>();
  auto chosen = std::make_shared<BackboneOptions>();
  shared->add_to(*command);
  auto* show =
      command->add_subcommand("show", "One backbone: its mask units, defaults and identity");
  shared->add_to(*show);
  show->add_option("NAME", chosen->name, "Backbone")->required();
  show->add_option("--weights", chosen->weights, "Weight file")->type_name("FILE");
  show->callback([shared, chosen] { show_backbone(*shared, *chosen); });
  command->callback([command, shared] {
    if (command->get_subcommands().empty()) list_backbones(*shared);
  });
}

void add_datasets_command(CLI::App& program) {
  auto* command =
      program.add_subcommand("datasets", "Lists the data sets; stats and extract look into one");
  auto shared = std::make_shared<SharedOptions>();
  auto input = std::make_shared<InputOptions>();
  shared->add_to(*command);
  auto* stats = command->add_subcommand("stats", "Images and classes of a data set");
  shared->add_to(*stats);
  stats->add_option("D", input->data.spec, "As --data takes it")->required();
  stats->callback([shared, input] { dataset_stats(*shared, *input); });
  auto* extract =
      command->add_subcommand("extract", "The first test images of a data set as PNG files");
  auto folder = std::make_shared<std::string>();
  auto count = std::make_shared<int64_t>(10);
  shared->add_to(*extract);
  extract->add_option("D", input->data.spec, "As --data takes it")->required();
  extract->add_option("--out", *folder, "Folder to write to")->type_name("DIR")->required();
  extract->add_option("--count", *count, "Images")->check(CLI::PositiveNumber);
  extract->callback(
      [shared, input, folder, count] { extract_images(*shared, *input, *folder, *count); });
  command->callback([command, shared] {
    if (command->get_subcommands().empty()) list_datasets(*shared);
  });
}

}  // namespace submask::cli
