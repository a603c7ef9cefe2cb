// Accuracy against the number of labels: every method at every number, over several seeds.
#include <cstdio>
#include <filesystem>
#include <map>
#include <set>
#include <sstream>

#include <submask/error.h>

#include "cli/command/commands.h"
#include "cli/option/number_checks.h"
#include "cli/option/train_options.h"
#include "cli/output/progress_line.h"
#include "grid/low_labels.h"

namespace submask::cli {
namespace {

struct LowLabelsOptions {
  SharedOptions shared;
  BackboneOptions backbone;
  InputOptions input;
  LowLabelOptions run;
  std::string recipe = "default";
  std::string out = "low-labels";
  std::string format = "svg";
  int64_t seeds = 3;
  int64_t epochs = 10;
  int64_t compare_at = 4000;
};

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

// What only a run over all training images with their labels can mean.
void check(const LowLabelsOptions& options) {
  if (!options.input.data.validation.empty() || options.input.skip_bad_images)
    throw Error(
        ErrorKind::invalid_argument,
        "expected all training images to learn from, got --validation or --skip-bad-images");
}

Json figures(const LowLabelsOptions& options, const std::string& backbone,
             const std::vector<LowLabelSummary>& summaries) {
  const std::string of = options.input.data.spec + ", " + backbone;
  const std::filesystem::path curves = options.run.folder / ("low_labels." + options.format);
  plot_low_labels(summaries, "Accuracy against labels: " + of, curves);
  Json paths = {curves.string()};
  for (const LowLabelSummary& each : summaries) {
    if (each.labelled_images != options.compare_at) continue;
    const std::string count = std::to_string(options.compare_at);
    const auto bars = options.run.folder / ("low_labels_" + count + "." + options.format);
    plot_methods_at(summaries, options.compare_at, count + " labels: " + of, bars);
    paths.push_back(bars.string());
    break;
  }
  return paths;
}

void print_table(const std::vector<LowLabelSummary>& summaries) {
  std::set<int64_t> counts;
  std::map<std::string, std::map<int64_t, std::string>> rows;
  std::vector<std::string> methods;
  for (const LowLabelSummary& each : summaries) {
    counts.insert(each.labelled_images);
    if (!rows.contains(each.method)) methods.push_back(each.method);
    char cell[32];
    if (each.seeds > 1)
      std::snprintf(cell, sizeof cell, "%.3f +- %.3f", each.mean, each.deviation);
    else
      std::snprintf(cell, sizeof cell, "%.3f", each.mean);
    rows[each.method][each.labelled_images] = cell;
  }
  std::printf("| labelled images |");
  for (const int64_t count : counts) std::printf(" %14ld |", static_cast<long>(count));
  std::printf("\n|-----------------|");
  for (size_t i = 0; i < counts.size(); ++i) std::printf("---------------:|");
  for (const std::string& method : methods) {
    const std::string name = method.starts_with("ssl-") ? method + " + lp" : method;
    std::printf("\n| %-15s |", name.c_str());
    for (const int64_t count : counts) std::printf(" %14s |", rows[method][count].c_str());
  }
  std::printf("\n");
  std::fflush(stdout);
}

Json to_json(const std::vector<LowLabelCell>& cells) {
  Json list = Json::array();
  for (const LowLabelCell& cell : cells)
    list.push_back({{"method", cell.method},
                    {"labels", cell.labels},
                    {"seed", cell.seed},
                    {"labelled_images", cell.labelled_images},
                    {"epochs", cell.epochs},
                    {"accuracy", cell.accuracy},
                    {"masked_fraction", cell.masked_fraction},
                    {"seconds", cell.seconds}});
  return list;
}

void low_labels(LowLabelsOptions& options) {
  options.shared.apply();
  check(options);
  InputOptions input = options.input;
  if (!input.data.labels.empty()) options.run.labels = split_at_commas(input.data.labels);
  input.data.labels.clear();
  options.run.folder = options.out;
  options.run.seeds.clear();
  for (int64_t i = 0; i < options.seeds; ++i)
    options.run.seeds.push_back(options.shared.seed + static_cast<uint64_t>(i));
  const auto backbone = options.backbone.load(options.shared);
  const DataSplits data = input.open(options.shared);
  const auto settings = [&](const std::string& method) {
    TrainSettings each =
        method_settings(options.recipe, method, backbone->info(), options.shared, options.input);
    each.epochs = options.epochs;
    return each;
  };
  std::map<std::string, ProgressLine> lines;
  const auto hooks = [&](const std::string& label) {
    return lines.try_emplace(label, options.shared, label).first->second.hooks();
  };
  const std::vector<LowLabelCell> cells =
      run_low_labels(*backbone, data, settings, options.run, hooks);
  const std::vector<LowLabelSummary> summaries = summarise(cells);
  const Json drawn = figures(options, backbone->info().name, summaries);
  if (!options.shared.json) {
    print_table(summaries);
    for (const Json& path : drawn) std::printf("%s\n", path.get<std::string>().c_str());
    return;
  }
  print_result(options.shared, {{"backbone", backbone->info().name},
                                {"weights_identity", backbone->identity()},
                                {"data", options.input.data.spec},
                                {"data_digest", data.train->digest()},
                                {"n", data.test->size()},
                                {"cells", to_json(cells)},
                                {"figures", drawn}});
}

}  // namespace

void add_low_labels_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "low-labels", "Accuracy against the number of labels, by several methods and seeds");
  auto options = std::make_shared<LowLabelsOptions>();
  options->shared.add_to(*command);
  options->backbone.add_to(*command);
  options->input.add_to(*command, true);
  command->get_option("--labels")
      ->description("Numbers of labels by commas: 1p,10p,100p (percent), 4000 (images), 16/class");
  command
      ->add_option("--methods", options->run.methods,
                   "lp, fs, fft on the labelled images alone; ssl-fs, ssl-ft: learned from all "
                   "images without labels, then a linear probe")
      ->delimiter(',')
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
      ->check(CLI::IsMember({"lp", "fs", "fft", "ssl-fs", "ssl-ft"}));
  command->add_option("--seeds", options->seeds, "Seeds, from --seed on")
      ->check(CLI::Range(1, 1000));
  command
      ->add_option("--epochs", options->epochs,
                   "Passes over all training images; fs and fft take as many steps on few labels")
      ->check(positive_number());
  command
      ->add_option("--most-epochs", options->run.most_epochs,
                   "But no more than so many passes over few labels")
      ->check(positive_number());
  command->add_option("--recipe", options->recipe, "As of submask train")
      ->check(CLI::IsMember(recipe_names()));
  command->add_option("--compare-at", options->compare_at,
                      "Labelled images at which a second figure shows the methods side by side");
  command->add_option("--format", options->format, "Of the figures")
      ->check(CLI::IsMember({"svg", "png", "pdf"}));
  command
      ->add_option("--out", options->out,
                   "Folder of results, figures and task files; the same command goes on in it")
      ->type_name("DIR");
  command->callback([options] { low_labels(*options); });
}

}  // namespace submask::cli
