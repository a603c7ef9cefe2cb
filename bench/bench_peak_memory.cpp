// Question: how much more memory does learning a mask take than learning the weights? Each run is
// this program again as a child, which says its own peak (VmHWM) after a few steps.
#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>

#include <ATen/Parallel.h>

#include "bench/child_process.h"
#include "bench/paired_timing.h"
#include "bench/training_step.h"

namespace submask::bench {
namespace {

double peak_mib() {
  std::ifstream status("/proc/self/status");
  std::string word;
  double kib = 0;
  while (status >> word)
    if (word == "VmHWM:") status >> kib;
  return kib / 1024;
}

void measure(const CLI::App& app, const char* program, const StepSettings& settings, int runs) {
  const auto peak_of = [&](const char* method) {
    std::vector<std::string> arguments = {program, "--child", method};
    for (const CLI::Option* option : app.get_options())
      if (option->count() > 0 && option->get_name() != "--runs") {
        arguments.push_back(option->get_name());
        arguments.push_back(option->as<std::string>());
      }
    return std::stod(ChildProcess(arguments).ask("go"));
  };
  std::vector<double> ours, theirs, ratios;
  for (int run = 0; run < runs; ++run) {
    ours.push_back(peak_of("fs"));
    theirs.push_back(peak_of("fft"));
    ratios.push_back(ours.back() / theirs.back());
  }
  nlohmann::ordered_json extra = settings.json();
  extra["ours_minus_theirs"] = std::round(median(ours) - median(theirs));
  print_result({"peak_memory", median(ours), median(theirs), ratios, "MiB"}, extra);
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  CLI::App app(
      "Peak resident memory of learning a mask (ours) and of learning the weights (theirs)");
  submask::bench::StepSettings settings;
  settings.add_to(app);
  int threads = 2, runs = 3, steps = 4;
  app.add_option("--threads", threads)->capture_default_str();
  app.add_option("--runs", runs, "Of each method")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  app.add_option("--steps", steps)->capture_default_str()->check(CLI::PositiveNumber);
  std::string child;
  app.add_option("--child", child, "Take the steps of this method (fs, fft) and print the peak");
  CLI11_PARSE(app, argc, argv);
  at::set_num_threads(threads);
  if (child.empty()) {
    submask::bench::measure(app, "/proc/self/exe", settings, runs);
    return 0;
  }
  settings.method = child;
  submask::bench::TrainingStep(settings).run(steps);
  std::cout << submask::bench::peak_mib() << std::endl;
}
