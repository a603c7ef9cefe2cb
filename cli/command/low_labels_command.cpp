// Measures accuracy against the number of labels: each method with each number, over several seeds.
#include <filesystem>
#include <iostream>
#include <sstream>

#include "base/fail.h"
#include "cli/command/commands.h"
#include "cli/option/field_options.h"
#include "cli/option/value_checks.h"
#include "cli/output/print.h"
#include "cli/output/run_progress.h"
#include "grid/low_labels.h"
#include "report/chart/low_label_figures.h"
#include "run/opened.h"
#include "run/run_fields.h"
#include "run/run_settings.h"

namespace submask::cli {
namespace {

struct LowLabelsOptions {
  OutputOptions output;
  RunSpec spec = new_spec(RunKind::learn);  // the same for all methods; its own method is not used
  LowLabelOptions run;
  std::string out = "low-labels";
  std::string format = "svg";
  int64_t seeds = 3;
  int64_t compare_at = 4000;
};

std::vector<std::string> split_at_commas(const std::string& list) {
  std::vector<std::string> parts;
  std::istringstream stream(list);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

// Returns the paths of the figures.
Json draw_figures(const LowLabelsOptions& options, const std::string& backbone,
                  const std::vector<LowLabelSummary>& summaries) {
  const std::string subject = options.spec.data.spec + ", " + backbone;
  const std::filesystem::path curves = options.run.folder / ("low_labels." + options.format);
  plot_low_labels(summaries, "Accuracy against labels: " + subject, curves);
  Json paths = {curves.string()};
  for (const LowLabelSummary& summary : summaries) {
    if (summary.labelled_images != options.compare_at) continue;
    const std::string count = std::to_string(options.compare_at);
    const auto bars = options.run.folder / ("low_labels_" + count + "." + options.format);
    plot_methods_at(summaries, options.compare_at, text(count, " labels: ", subject), bars);
    paths.push_back(bars.string());
    break;
  }
  return paths;
}

void low_labels(LowLabelsOptions& options) {
  RunSpec& spec = options.spec;
  apply(spec.compute);
  if (spec.data.validation) fail_argument("all training images to learn from", "--validation");
  if (spec.data.labels) options.run.labels = split_at_commas(*spec.data.labels);
  spec.data.labels.reset();
  options.run.folder = options.out;
  options.run.seeds.clear();
  for (int64_t i = 0; i < options.seeds; ++i)
    options.run.seeds.push_back(spec.compute.seed + static_cast<uint64_t>(i));
  const auto backbone = load_backbone(spec.backbone, spec.compute);
  const DataSplits data = open_data(spec.data, spec.compute);
  RunHooks note_hooks;
  note_hooks.note = [&](const std::string& line) { note(options.output, line); };
  tell_choices(*backbone, note_hooks);
  tell_choices(data, note_hooks);
  const auto settings = [&](Method method) {
    RunSpec learning = spec;
    learning.learn()->method = method;
    return train_settings(learning, backbone->info(), data.train->class_names());
  };
  RunProgress progress(options.output);
  const auto hooks = [&](const std::string& label) { return progress.hooks().training(label); };
  const std::vector<LowLabelCell> cells =
      run_low_labels(*backbone, data, settings, options.run, hooks);
  const std::vector<LowLabelSummary> summaries = summarise(cells);
  const Json figures = draw_figures(options, backbone->info().name, summaries);
  if (!options.output.json) {
    std::cout << to_markdown(summaries);
    for (const Json& path : figures) std::cout << path.get<std::string>() << '\n';
    return;
  }
  print_result(options.output, {{"backbone", backbone->info().name},
                                {"weights_identity", backbone->identity()},
                                {"data", options.spec.data.spec},
                                {"data_digest", data.train->digest()},
                                {"n", data.test->size()},
                                {"cells", cells},
                                {"figures", figures}});
}

}  // namespace

void add_low_labels_command(CLI::App& program) {
  auto* command = program.add_subcommand(
      "low-labels", "Accuracy against the number of labels, by several methods and seeds");
  auto options = std::make_shared<LowLabelsOptions>();
  std::get<LearnSpec>(options->spec.work).change("epochs", "10");
  prepare_options(*command);
  options->output.add_to(*command);
  add_field_options(
      *command,
      fields_without(run_fields(RunKind::learn), {"method", "out", "tune", "keep-epochs", "log",
                                                  "tensorboard", "checkpoint", "feature-cache"}),
      options->spec);
  command->get_option("--data")->required();
  command->get_option("--labels")
      ->description("Numbers of labels by commas: 1p,10p,100p (percent), 4000 (images), 16/class");
  command->get_option("--epochs")
      ->description("Passes over all training images; fs and fft take as many steps on few labels");
  add_field_options(
      *command,
      Section<LowLabelOptions>{
          "Low labels",
          {{"methods", &LowLabelOptions::methods,
            "lp, fs, fft: from the labelled images alone; ssl-fs, ssl-ft: from all images without "
            "labels, then a linear probe; ssl-fs+fs, ssl-fs+fft: a mask from all images without "
            "labels, from which fs or fft then start"},
           {"most-epochs",
            &LowLabelOptions::most_epochs,
            "But no more than so many passes over few labels",
            {at_least(1)}}},
          {}},
      options->run);
  command->add_option("--seeds", options->seeds, "Seeds, from --seed on")
      ->check(CLI::Range(1, 1000));
  command->add_option("--compare-at", options->compare_at,
                      "Labelled images at which a second figure shows the methods side by side");
  limit_to(command->add_option("--format", options->format, "Of the figures"),
           {"svg", "png", "pdf"});
  command
      ->add_option("--out", options->out,
                   "Folder of results, figures and task files; the same command goes on in it")
      ->type_name("DIR");
  command->callback([options] { low_labels(*options); });
}

}  // namespace submask::cli
