// Prints a data set in numbers: its classes, the sizes of its images, mean and deviation of pixels.
#include <algorithm>
#include <cstdio>

#include "base/fail.h"
#include "cli/command/datasets_subcommands.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "cli/output/progress_line.h"
#include "data/set/dataset_report.h"
#include "run/opened.h"
#include "run/result_header.h"

namespace submask::cli {
namespace {

struct StatsOptions {
  int workers = 0;
  int64_t sample = 1000;
};

std::vector<int64_t> count_classes(const Dataset& dataset) {
  std::vector<int64_t> counts(dataset.class_names().size());
  for (int64_t i = 0; i < dataset.size(); ++i) ++counts.at(static_cast<size_t>(dataset.label(i)));
  return counts;
}

// Adds the smallest and the largest class of the training images.
void add_balance(const std::vector<std::string>& names, const std::vector<int64_t>& counts,
                 Json& result) {
  const auto [smallest, largest] = std::minmax_element(counts.begin(), counts.end());
  result["smallest_class"] = names[static_cast<size_t>(smallest - counts.begin())];
  result["smallest_class_images"] = *smallest;
  result["largest_class"] = names[static_cast<size_t>(largest - counts.begin())];
  result["largest_class_images"] = *largest;
  if (*smallest > 0)
    result["class_ratio"] = static_cast<double>(*largest) / static_cast<double>(*smallest);
}

void add_pixels(const ImageStatistics& images, Json& result) {
  const auto size_json = [](const ImageSize& size) { return Json{size.width, size.height}; };
  result["decoded"] = images.decoded;
  result["smallest_image"] = size_json(images.smallest);
  result["median_image"] = size_json(images.median);
  result["largest_image"] = size_json(images.largest);
  result["mean"] = images.mean;
  result["std"] = images.std;
  result["unreadable"] = unreadable_json(images.unreadable);
  result["damaged"] = unreadable_json(images.damaged);
}

void print_pixels(const ImageStatistics& images) {
  const auto size_line = [](const char* name, const ImageSize& size) {
    std::printf("%-21s %d x %d\n", name, size.width, size.height);
  };
  const auto channels_line = [](const char* name, const std::array<double, 3>& values) {
    std::printf("%-21s %.4f %.4f %.4f\n", name, values[0], values[1], values[2]);
  };
  size_line("smallest_image", images.smallest);
  size_line("median_image", images.median);
  size_line("largest_image", images.largest);
  channels_line("mean", images.mean);
  channels_line("std", images.std);
}

void print_classes(const std::vector<std::string>& names, const std::vector<int64_t>& train,
                   const std::vector<int64_t>& test) {
  size_t width = 30;
  for (const std::string& name : names) width = std::max(width, name.size());
  const auto column = static_cast<int>(width);
  std::printf("\n%-*s %9s %9s\n", column, "class", "train", "test");
  for (size_t c = 0; c < names.size(); ++c)
    std::printf("%-*s %9ld %9ld\n", column, names[c].c_str(), static_cast<long>(train[c]),
                static_cast<long>(test[c]));
}

void print_stats(const DatasetsOptions& options, const StatsOptions& stats) {
  const DataSplits data = options.input.open(options);
  const auto& names = data.train->class_names();
  const auto train = count_classes(*data.train), test = count_classes(*data.test);
  ImageStatistics images;
  {
    CountLine line(options, "stats");
    images = measure_images(
        *data.train, stats.sample, options.compute.seed,
        {stats.workers, [&](int64_t done, int64_t total) { line.show(done, total); }});
  }
  if (images.decoded == 0) fail_corrupt("images that decode", "none", options.input.data.spec);
  Json result = {{"data", options.input.data.spec},
                 {"data_digest", data.train->digest()},
                 {"train_images", data.train->size()},
                 {"test_images", data.test->size()}};
  add_balance(names, train, result);
  add_pixels(images, result);
  result["passed_over"] = passed_over_json(data.passed_over);
  result["seed"] = options.compute.seed;
  Json& classes = result["classes"] = Json::array();
  for (size_t c = 0; c < names.size(); ++c)
    classes.push_back({{"name", names[c]}, {"train", train[c]}, {"test", test[c]}});
  print_result(options, result);
  if (options.json) return;
  print_pixels(images);
  print_unreadable(images.unreadable);
  print_damaged(images.damaged);
  print_passed_over(data.passed_over);
  print_classes(names, train, test);
}

}  // namespace

void add_stats_subcommand(CLI::App& datasets, const SharedDatasetsOptions& options) {
  auto* command = options->add_subcommand(
      datasets, "stats", "Images, classes and their balance, sizes, mean and std of the pixels");
  auto stats = std::make_shared<StatsOptions>();
  add_workers(*command, stats->workers);
  add_labels_option(*command, options->input.data);
  command
      ->add_option("--sample", stats->sample,
                   "Training images to decode for sizes, mean and std; 0: all")
      ->check(non_negative_number());
  command->callback([options, stats] { print_stats(*options, *stats); });
}

}  // namespace submask::cli
