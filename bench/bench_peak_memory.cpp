// Question: how much more memory does learning a mask take than learning the weights? Each run is
// this program again as a child, which says its own peak (VmHWM) after a few steps.
#include <fstream>
#include <iostream>

#include <ATen/Parallel.h>

#include "bench/child_process.h"
#include "bench/options.h"
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

// `arguments`: this program's own, which each child is given too.
void measure(const std::vector<std::string>& arguments, const StepSettings& settings, int runs) {
  const auto peak_of = [&](const char* method) {
    std::vector<std::string> child = {"/proc/self/exe", "--child", method};
    child.insert(child.end(), arguments.begin(), arguments.end());
    return std::stod(ChildProcess(child).ask("go"));
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
  submask::bench::Options options(
      "Peak resident memory of learning a mask (ours) and of learning the weights (theirs)");
  submask::bench::StepSettings settings;
  settings.add_to(options);
  int threads = 2, runs = 3, steps = 4;
  options.add("--threads", threads);
  options.add_positive("--runs", runs, "Of each method");
  options.add_positive("--steps", steps);
  std::string child;
  options.add("--child", child, "Take the steps of this method (fs, fft) and print the peak");
  options.parse(argc, argv);
  at::set_num_threads(threads);
  if (child.empty()) {
    submask::bench::measure({argv + 1, argv + argc}, settings, runs);
    return 0;
  }
  settings.method = child;
  submask::bench::TrainingStep(settings).run(steps);
  std::cout << submask::bench::peak_mib() << std::endl;
}
