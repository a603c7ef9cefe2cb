// The data sets there are, and a look into one.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include <submask/dataset.h>
#include <submask/output_file.h>

#include "cli/commands.h"
#include "cli/input_options.h"

namespace submask::cli {
namespace {

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
