// Question: what does a process gain that keeps the memory it frees (keep_freed_memory.h)? A
// training step in two children of this program, in turn: one keeps it, the other has glibc's own
// thresholds. How malloc behaves holds for a whole process.
#include <iostream>

#include <ATen/Parallel.h>

#include "base/keep_freed_memory.h"
#include "bench/child_process.h"
#include "bench/options.h"
#include "bench/paired_timing.h"
#include "bench/training_step.h"

namespace submask::bench {
namespace {

// Answers each line with the seconds that so many steps took.
void answer(const StepSettings& settings) {
  TrainingStep step(settings);
  for (int steps = 0; std::cin >> steps;)
    std::cout << seconds_of([&] { step.run(steps); }) << std::endl;
}

// `arguments`: this program's own, which each child is given too.
void measure(const std::vector<std::string>& arguments, const StepSettings& settings, int rounds,
             int steps) {
  const auto child = [&](const char* malloc) {
    std::vector<std::string> all = {"/proc/self/exe", "--child", malloc};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  };
  ChildProcess keeps(child("keeps")), returns(child("returns"));
  const std::string count = std::to_string(steps);
  const PairedTimes times = measure_in_turn(
      rounds, [&] { return std::stod(keeps.ask(count)); },
      [&] { return std::stod(returns.ask(count)); });
  print_result({"freed_memory", median(times.ours) / steps * 1e3,
                median(times.theirs) / steps * 1e3, times.ratios(), "ms a step"},
               settings.json());
}

}  // namespace
}  // namespace submask::bench

int main(int argc, char** argv) {
  submask::bench::Options options(
      "A training step in a process that keeps what it frees (ours) and in one that does not "
      "(theirs)");
  submask::bench::StepSettings settings;
  settings.backbone = "resnet20";
  settings.pixels = 32;
  settings.batch = 64;
  settings.add_to(options);
  int threads = 2, rounds = 15, steps = 4;
  options.add("--threads", threads);
  options.add_positive("--rounds", rounds);
  options.add_positive("--steps", steps, "In a row, in each round");
  std::string child;
  options.add("--child", child, "Take steps as one of the two does (keeps, returns)");
  options.parse(argc, argv);
  at::set_num_threads(threads);
  if (child.empty()) {
    submask::bench::measure({argv + 1, argv + argc}, settings, rounds, steps);
    return 0;
  }
  if (child == "keeps") submask::keep_freed_memory();
  submask::bench::answer(settings);
}
