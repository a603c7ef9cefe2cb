// Maps of features: the same test images as seen by the frozen network and by its tasks.
#include <chrono>
#include <filesystem>
#include <memory>

#include "base/output_file.h"
#include "cascade/adaptation.h"
#include "cli/command/commands.h"
#include "cli/option/cascade_mode.h"
#include "cli/option/input_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "cli/output/progress_line.h"
#include "cli/output/run_progress.h"
#include "evaluate/measurement.h"
#include "report/chart/feature_map.h"
#include "run/opened.h"
#include "run/result_header.h"

namespace submask::cli {
namespace {

struct MapOptions : NetworkOptions {
  InputOptions input;
  std::vector<std::string> tasks;
  CascadeMode mode = CascadeMode::unconditional;
  FeatureMapOptions map;
  std::string out = "map.svg";
};

std::string title_of(const Adaptation& task) {
  std::string title = std::filesystem::path(task.path).filename().string();
  if (task.cascade() == nullptr) return title;
  return title + (task.mode == CascadeMode::conditional ? ", conditional" : ", unconditional");
}

class FeatureMaps {
 public:
  FeatureMaps(const MapOptions& options, Backbone& backbone)
      : options_(options), backbone_(backbone), data_(options.input.open(options)) {}

  // `task` is null for the frozen network.
  void add(const std::string& title, const Adaptation* task) {
    AdaptedNetwork network(backbone_);
    if (task != nullptr) network.select(*task);
    const Preprocessing preprocessing =
        task != nullptr ? task->description().preprocessing : backbone_.info().preprocessing;
    RunProgress progress(options_);
    MeasurementOptions measuring =
        options_.input.measurement(preprocessing, progress.measurement_hooks());
    if (network.is_cascade())
      measuring.extractor = [&](const auto&... arguments) { return network.extract(arguments...); };
    Measurement measurement(backbone_, data_, measuring);
    const Features& test = measurement.test();
    CountLine line(options_, "map of " + title, "iterations");
    FeatureMapOptions map = options_.map;
    map.progress = [&](int64_t done, int64_t total) { line.show(done, total); };
    maps_.push_back({title, map_features(test.values, map), test.labels});
  }

  void plot() const { plot_feature_maps(maps_, data_.test->class_names(), options_.out); }

  Json result() const {
    Json result = result_header(options_.map.by, backbone_,
                                {options_.input.data.spec, data_, options_.compute.seed});
    result["n"] = maps_.front().labels.numel();
    for (const FeatureMap& map : maps_) result["maps"].push_back(map.title);
    if (options_.map.by == "tsne") result["perplexity"] = options_.map.perplexity;
    return result;
  }

 private:
  const MapOptions& options_;
  Backbone& backbone_;
  DataSplits data_;
  std::vector<FeatureMap> maps_;
};

void map(const MapOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  check_writable(options.out);
  std::vector<Adaptation> tasks;
  for (const std::string& path : options.tasks)
    tasks.push_back(read_adaptation(path, options.mode));
  const auto backbone =
      options.load_backbone(tasks.empty() ? "" : tasks.front().description().backbone);
  FeatureMaps maps(options, *backbone);
  maps.add("frozen " + backbone->info().name, nullptr);
  for (const Adaptation& task : tasks) maps.add(title_of(task), &task);
  maps.plot();
  Json result = maps.result();
  result["seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  result["out"] = options.out;
  print_result(options, result);
}

}  // namespace

void add_map_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "map",
      "Draw test images by their features in two dimensions: of the frozen network, and of "
      "each task or cascade beside it");
  auto options = std::make_shared<MapOptions>();
  options->input.data.test_limit = 1000;
  options->add_to(*command);
  options->input.add_to(*command, true);
  command->add_option("TASKS", options->tasks, "Task or cascade files over one backbone")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  add_cascade_mode(*command, options->mode);
  limit_to(command->add_option("--by", options->map.by,
                               "tsne, or pca: the directions of largest variance"),
           {"tsne", "pca"});
  command->add_option("--perplexity", options->map.perplexity, "Neighbours that t-SNE looks at")
      ->check(CLI::Range(1.0, 1e6));
  command->add_option("--iterations", options->map.iterations, "Of t-SNE")
      ->check(positive_number());
  command->add_option("--out", options->out, "Picture to write: .svg, .png or .pdf")
      ->type_name("FILE");
  command->callback([options] { map(*options); });
}

}  // namespace submask::cli
