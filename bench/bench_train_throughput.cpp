// Question: how many images a second does our training step learn from, beside a plain PyTorch loop
// of the same step? The loop runs as a child (plain_pytorch_step.py) in rounds that alternate with
// ours.
#include <exception>
#include <iostream>

#include <ATen/Parallel.h>

#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/training_step.h"

namespace submask::bench {
namespace {

void measure(const std::string& python, const std::vector<std::string>& python_options,
             const StepSettings& settings, int rounds, int steps) {
  std::vector<std::string> arguments = {python,        SUBMASK_PLAIN_STEP,
                                        "--backbone",  settings.backbone,
                                        "--method",    settings.method,
                                        "--batch",     std::to_string(settings.batch),
                                        "--pixels",    std::to_string(settings.pixels),
                                        "--precision", settings.precision,
                                        "--threads",   std::to_string(at::get_num_threads())};
  arguments.insert(arguments.end(), python_options.begin(), python_options.end());
  ChildProcess loop(arguments);
  const auto torch = nlohmann::json::parse(loop.ask("version")).get<std::string>();
  TrainingStep step(settings);
  const std::string count = std::to_string(steps);
  const PairedTimes times = measure_in_turn(
      rounds, [&] { return seconds_of([&] { step.run(steps); }); },
      [&] { return std::stod(loop.ask(count)); });

  // Images a second: the ratio of speeds is that of times upside down.
  const auto images = static_cast<double>(settings.batch * steps);
  std::vector<double> ratios = times.ratios();
  for (double& ratio : ratios) ratio = 1 / ratio;
  nlohmann::ordered_json extra = {{"method", settings.method}, {"theirs_torch", torch}};
  extra.update(settings.json());
  print_result({"train_throughput", images / median(times.ours), images / median(times.theirs),
                ratios, "images/s"},
               extra);
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "Training images/s of submask (ours) and of a plain PyTorch loop (theirs)");
  submask::bench::StepSettings settings;
  settings.add_to(options);
  std::string python = "python3";
  std::vector<std::string> python_options;
  int threads = 2, rounds = 9, steps = 2;
  options.add_choice("--method", settings.method, {"fs", "fft"});
  options.add("--python", python, "A Python with torch");
  options.add("--python-option", python_options, "Handed on to the loop, e.g. --channels-last");
  options.add("--threads", threads, "Of both");
  options.add_positive("--rounds", rounds);
  options.add_positive("--steps", steps, "In a row, in each round");
  options.parse(argc, argv);
  at::set_num_threads(threads);
  try {
    submask::bench::measure(python, python_options, settings, rounds, steps);
  } catch (const std::exception& error) {
    std::cerr << error.what() << std::endl;
    return 1;
  }
}
